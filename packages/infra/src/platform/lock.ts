import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf, isSameAlive, pidIn } from './processes.ts';
import type { StateFolder } from './state-folder.ts';

/** Thrown when another command is changing the same platform. */
export class PlatformBusyError extends Error {
  override readonly name = 'PlatformBusyError';
}

/**
 * Keeps other commands from changing the platform until it is disposed. The lock of a process that
 * has died counts for nothing.
 * @throws PlatformBusyError naming the process that has it
 */
export async function lockPlatform(folder: StateFolder): Promise<AsyncDisposable> {
  const file = join(folder.root, 'lock');
  const identity = await identityOf(process.pid);
  await mkdir(folder.root, { recursive: true });
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(identity);
      await handle.close();
      return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = await readFile(file, 'utf8').catch(() => '');
      if (await isSameAlive(owner)) {
        throw new PlatformBusyError(
          `Process ${pidIn(owner)} is starting or stopping this platform. Wait for it, or end it and try again.`,
        );
      }
      await rm(file, { force: true });
    }
  }
}
