import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { tryLock } from '../system/file-lock.ts';
import type { StateFolder } from './state-folder.ts';

/** Thrown when another command has what only one may have at a time. */
export class PlatformBusyError extends ProvehouseError {
  override readonly name = 'PlatformBusyError';
}

/** What a command does to a platform that it has to itself. */
const ACTIVITIES = ['starting', 'stopping', 'planning', 'backing up', 'restoring'] as const;
export type Activity = (typeof ACTIVITIES)[number];

const ownerSchema = z.object({
  pid: z.int(),
  since: z.coerce.date(),
  activity: z.enum(ACTIVITIES).optional(),
});

/** Who has a lock. */
export type LockOwner = z.infer<typeof ownerSchema>;

/**
 * Keeps other commands from changing the platform until it is disposed.
 * @param activity what others are shown that is done meanwhile
 * @throws PlatformBusyError naming the process that has it, and what that does
 */
export const lockPlatform = (folder: StateFolder, activity: Activity): Promise<AsyncDisposable> =>
  lockFile(
    join(folder.root, 'platform.lock'),
    (owner) =>
      `${nameOf(owner)} is ${owner?.activity ?? 'changing'} this platform. Wait for it, or end it and try again.`,
    activity,
  );

/**
 * Has a file to itself until it is disposed. That of a process that has died counts for nothing.
 * @param busy what to say when another process has it, which may not have said yet who it is
 * @throws PlatformBusyError with these words
 */
export async function lockFile(
  file: string,
  busy: (owner: LockOwner | undefined) => string,
  activity?: Activity,
): Promise<AsyncDisposable> {
  const ownerFile = `${file}.owner`;
  const lock = await tryLock(file);
  if (lock === undefined) throw new PlatformBusyError(busy(await readOwner(ownerFile)));
  const owner: LockOwner = { pid: process.pid, since: new Date(), activity };
  await writeFile(ownerFile, JSON.stringify(owner));
  return {
    async [Symbol.asyncDispose]() {
      await rm(ownerFile, { force: true });
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** The owner as the start of a sentence. */
export const nameOf = (owner: LockOwner | undefined): string =>
  owner === undefined ? 'Another process' : `Process ${owner.pid}`;

async function readOwner(file: string): Promise<LockOwner | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    // It is being written, or its owner has just gone.
    return undefined;
  }
}
