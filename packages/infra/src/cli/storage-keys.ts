import type { UpOptions } from '../runtime.ts';
import { StorageError } from '../services/bucket.ts';

/**
 * The keys of a bucket that somebody else runs, which never stand in a command: other people of the
 * machine can read what a program was started with.
 * @throws StorageError for one key without the other
 */
export function storageKeysOf(environment: NodeJS.ProcessEnv): Pick<UpOptions, 'storageKeys'> {
  const accessKey = environment['PROVEHOUSE_STORAGE_ACCESS_KEY'] ?? '';
  const secretKey = environment['PROVEHOUSE_STORAGE_SECRET_KEY'] ?? '';
  if (accessKey === '' && secretKey === '') return {};
  if (accessKey === '' || secretKey === '') {
    throw new StorageError(
      `Expected PROVEHOUSE_STORAGE_ACCESS_KEY and PROVEHOUSE_STORAGE_SECRET_KEY, found the ${accessKey === '' ? 'secret' : 'access'} key alone.`,
    );
  }
  return { storageKeys: { accessKey, secretKey } };
}
