import { StorageError } from './bucket.ts';

/** A folder of a bucket of an S3 server that somebody else runs; it has no keys. */
export interface BucketPlace {
  /** URL of the server, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** What stands before every key, with a slash at its end; empty for the whole bucket. */
  readonly prefix: string;
  /** What requests are signed for; servers of one's own take any. */
  readonly region: string;
}

export const DEFAULT_REGION = 'us-east-1';

/** Names of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What needs no encoding in a URL, so that all who sign requests sign the same. */
const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** Hosts of AWS that have their region in their name. */
const AWS = /^s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com$/;

const FORM = 'http(s)://HOST[:PORT]/BUCKET[/PREFIX]';

/**
 * The place that a URL names, the bucket in its path.
 * @throws StorageError for another text; it repeats no password that stands in it
 */
export function parseBucketUrl(text: string): BucketPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new StorageError(
      '--storage-endpoint: expected no keys in the URL, found some. Give them by PROVEHOUSE_STORAGE_ACCESS_KEY and PROVEHOUSE_STORAGE_SECRET_KEY.',
    );
  }
  const isPlain =
    url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  const [bucket = '', ...folders] = isPlain
    ? url.pathname.replace(/^\//, '').replace(/\/$/, '').split('/')
    : [];
  if (!isPlain || bucket === '') {
    throw new StorageError(
      `--storage-endpoint: expected ${FORM}, found ${JSON.stringify(text.split('?')[0])}.`,
    );
  }
  if (!BUCKET.test(bucket)) {
    throw new StorageError(
      `--storage-endpoint: expected a bucket's name, of 3 to 63 lower-case letters, digits, dots and dashes, found ${JSON.stringify(bucket)}.`,
    );
  }
  const odd = folders.find((folder) => !PREFIX.test(folder));
  if (odd !== undefined) {
    throw new StorageError(
      `--storage-endpoint: expected a prefix of letters, digits, dots, dashes and underscores, found ${JSON.stringify(odd)} in it.`,
    );
  }
  return {
    ...{ endpoint: url.origin, bucket },
    prefix: folders.map((folder) => `${folder}/`).join(''),
    region: AWS.exec(url.hostname)?.[1] ?? DEFAULT_REGION,
  };
}

/** The URL of a place, always in the same form. */
export const bucketUrl = ({
  endpoint,
  bucket,
  prefix,
}: Pick<BucketPlace, 'endpoint' | 'bucket' | 'prefix'>): string =>
  `${endpoint}/${bucket}/${prefix}`.replace(/\/$/, '');
