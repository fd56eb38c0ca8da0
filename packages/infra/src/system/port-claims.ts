import { rmdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { tryLock } from './file-lock.ts';

/** Ports that one start has chosen and that its components may not listen on yet. */
export interface PortClaims extends AsyncDisposable {
  /** Whether the port is this start's from now on; no other start that lives gets it meanwhile. */
  claim(port: number): Promise<boolean>;
}

/** Claims of this process, given back when disposed or when it ends. */
export function portClaims(): PortClaims {
  const folder = join(tmpdir(), `provehouse-port-claims-${userInfo().uid}`);
  const locks: AsyncDisposable[] = [];
  return {
    async claim(port) {
      const lock = await tryLock(join(folder, String(port)));
      if (lock !== undefined) locks.push(lock);
      return lock !== undefined;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(locks.map((lock) => lock[Symbol.asyncDispose]()));
      // Other starts may have claims in it.
      await rmdir(folder).catch(() => undefined);
    },
  };
}
