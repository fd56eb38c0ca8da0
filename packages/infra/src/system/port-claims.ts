import { readlink, rmdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { tryLock } from './file-lock.ts';
import { memoize } from './memoize.ts';

/** Ports that one start has chosen and that its components may not listen on yet. */
export interface PortClaims extends AsyncDisposable {
  /** Whether the port is this start's from now on; no other start that lives gets it meanwhile. */
  claim(port: number): Promise<boolean>;
}

/**
 * The network whose ports they are, where a machine may have several
 * (https://man7.org/linux/man-pages/man7/network_namespaces.7.html).
 */
const ownNetwork = (): Promise<string> =>
  readlink('/proc/self/ns/net').then(
    (name) => name.replaceAll(/\D/g, ''),
    () => 'only',
  );

/** Claims of this process, given back when disposed or when it ends. */
export function portClaims(): PortClaims {
  const claims = memoize(async () =>
    join(tmpdir(), `provehouse-port-claims-${userInfo().uid}-${await ownNetwork()}`),
  );
  const locks: AsyncDisposable[] = [];
  return {
    async claim(port) {
      const lock = await tryLock(join(await claims(), String(port)));
      if (lock !== undefined) locks.push(lock);
      return lock !== undefined;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(locks.map((lock) => lock[Symbol.asyncDispose]()));
      // Other starts may have claims in it.
      await rmdir(await claims()).catch(() => undefined);
    },
  };
}
