import { mkdir, open, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { identityOf, isSameAlive } from './processes.ts';

/** Ports that one start has chosen and that its components may not listen on yet. */
export interface PortClaims extends AsyncDisposable {
  /** Whether the port is this start's from now on; no other start that lives gets it meanwhile. */
  claim(port: number): Promise<boolean>;
}

/** Claims of this process, given back when disposed; those of a dead process count for nothing. */
export function portClaims(): PortClaims {
  const folder = join(tmpdir(), `provehouse-ports-${userInfo().uid}`);
  const files: string[] = [];
  return {
    async claim(port) {
      const file = join(folder, String(port));
      const identity = await identityOf(process.pid);
      for (;;) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        try {
          const handle = await open(file, 'wx');
          await handle.writeFile(identity);
          await handle.close();
          files.push(file);
          return true;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          // Another start has removed the folder, which was empty at that moment.
          if (code === 'ENOENT') continue;
          if (code !== 'EEXIST') throw error;
        }
        const owner = await readFile(file, 'utf8').catch(() => '');
        // A claim without a process is being written at this moment.
        if (owner === '' || (await isSameAlive(owner))) return false;
        await rm(file, { force: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(files.map((file) => rm(file, { force: true })));
      // Other starts may have claims in it.
      await rmdir(folder).catch(() => undefined);
    },
  };
}
