import type { Module, UpOptions } from '../runtime.ts';
import { bucketUrl, parseBucketUrl } from '../services/bucket-place.ts';
import { PlatformStateError } from '../state/state-error.ts';

/** What gives a platform its own bucket again. */
export const NO_ENDPOINT = 'none';

/** The URL of the bucket that is asked for, in the form that is kept, else that of before. @throws StorageError */
export function endpointWanted(
  { storageEndpoint }: Pick<UpOptions, 'storageEndpoint'>,
  before: string | undefined,
): string | undefined {
  if (storageEndpoint === undefined) return before;
  return storageEndpoint === NO_ENDPOINT ? undefined : bucketUrl(parseBucketUrl(storageEndpoint));
}

/**
 * The URL of the bucket of a platform with those modules, if somebody else runs it.
 * @throws StorageError, PlatformStateError where one is asked for and nothing uses it
 */
export function wantedEndpoint(
  options: Pick<UpOptions, 'storageEndpoint'>,
  modules: readonly Module[],
  before: string | undefined,
): string | undefined {
  const wanted = endpointWanted(options, before);
  if (modules.includes('storage')) return wanted;
  if (options.storageEndpoint !== undefined && wanted !== undefined) {
    throw new PlatformStateError(
      '--storage-endpoint: expected --with storage or --storage s3_ssd with it, found neither.',
    );
  }
  return undefined;
}
