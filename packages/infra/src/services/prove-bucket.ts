import { randomUUID } from 'node:crypto';
import { openBucket, StorageError, type BucketAccess } from './bucket.ts';
import type { BucketPlace } from './bucket-place.ts';

/**
 * Writes an object to a bucket that somebody else runs, reads it and deletes it.
 * @throws StorageError where the server does not answer, the keys are refused, the bucket is not there, or
 *   the keys may not do that
 */
export async function proveBucket(
  access: BucketAccess & BucketPlace,
  signal: AbortSignal,
): Promise<void> {
  const bucket = openBucket(access);
  try {
    await bucket.ask(signal);
    const key = `${access.prefix}provehouse-proof-${randomUUID()}`;
    await bucket.write(key, key);
    const found = Buffer.from(await bucket.read(key)).toString();
    await bucket.remove(key);
    if (found !== key) throw new StorageError(`expected to read what was written to ${key}`);
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    throw new StorageError(
      `--storage-endpoint: expected a bucket that can be written to, read and deleted from. ${cause.message}. Look at the URL, and at the keys: PROVEHOUSE_STORAGE_ACCESS_KEY and PROVEHOUSE_STORAGE_SECRET_KEY, or minio_root_user and minio_root_password of the secrets.`,
      { cause },
    );
  }
}
