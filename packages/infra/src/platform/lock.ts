import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { identityOf, isSameAlive, pidIn } from './processes.ts';
import type { StateFolder } from './state-folder.ts';

/** Thrown when another command has what only one may have at a time. */
export class PlatformBusyError extends Error {
  override readonly name = 'PlatformBusyError';
}

/** Who has a lock. */
export interface LockOwner {
  readonly pid: number;
  readonly since: Date;
}

/**
 * Keeps other commands from changing the platform until it is disposed. The lock of a process that
 * has died counts for nothing.
 * @throws PlatformBusyError naming the process that has it
 */
export const lockPlatform = (folder: StateFolder): Promise<AsyncDisposable> =>
  lockFile(
    join(folder.root, 'lock'),
    ({ pid }) =>
      `Process ${pid} is starting or stopping this platform. Wait for it, or end it and try again.`,
  );

/**
 * Has a file to itself until it is disposed. The file of a process that has died counts for nothing.
 * @param busy what to say when another process has it
 * @throws PlatformBusyError with these words
 */
export async function lockFile(
  file: string,
  busy: (owner: LockOwner) => string,
): Promise<AsyncDisposable> {
  await mkdir(dirname(file), { recursive: true });
  // Linked to the lock's name at once, it is never there without its owner in it.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, await identityOf(process.pid));
  try {
    for (;;) {
      try {
        await link(draft, file);
        return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const owner = await readFile(file, 'utf8').catch(() => '');
        if (await isSameAlive(owner)) {
          const since = (await stat(file)).mtime;
          throw new PlatformBusyError(busy({ pid: pidIn(owner), since }));
        }
        await rm(file, { force: true });
      }
    }
  } finally {
    await rm(draft, { force: true });
  }
}
