import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { parseListing, type Listing } from './bucket-listing.ts';

/** Thrown when a bucket does not do what it is asked; says what the S3 server answered. */
export class StorageError extends ProvehouseError {
  override readonly name = 'StorageError';
}

/** A bucket, and the keys that it is asked with. */
export interface BucketAccess {
  /** URL of the S3 server, such as `http://127.0.0.1:9900`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** What requests are signed for; servers of one's own take any. */
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What is asked of a bucket; every question is signed, and throws StorageError where it is refused. */
export interface Bucket {
  /** Resolves where the bucket is there and the keys may ask for it. */
  ask(signal?: AbortSignal): Promise<void>;
  /** Writes an object over what was there under its key. */
  write(key: string, content: string | Uint8Array<ArrayBuffer>): Promise<void>;
  read(key: string): Promise<Uint8Array>;
  /** Size of an object in bytes; undefined where there is none. */
  sizeOf(key: string, signal?: AbortSignal): Promise<number | undefined>;
  /** Deletes an object; one that is not there is deleted already. */
  remove(key: string): Promise<void>;
  /** All objects whose keys begin so, with their sizes in bytes. */
  list(prefix: string): Promise<ListedObject[]>;
  /** The folders right below one, whose name ends in a slash, without that folder and their own slash. */
  folders(prefix: string): Promise<string[]>;
  /** Reads an object to its end, and gives its size in bytes and its SHA-256; undefined where there is none. */
  digest(key: string, signal?: AbortSignal): Promise<ObjectDigest | undefined>;
}

/** What a bucket says of an object. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
}

/** What is in an object. */
export interface ObjectDigest {
  readonly size: number;
  readonly sha256: string;
}

/** A server that answers at all does so within some milliseconds; a long object takes longer. */
const TIMEOUT_MS = 60_000;
/** An object may have gigabytes. */
const READING_MS = 3_600_000;

/** An answer of the S3 server, whatever it is. */
type Ask = (
  method: string,
  key?: string,
  options?: {
    readonly body?: string | Uint8Array<ArrayBuffer>;
    readonly signal?: AbortSignal;
    readonly query?: Readonly<Record<string, string>>;
    readonly withinMs?: number;
  },
) => Promise<Response>;

/**
 * A bucket by the REST API of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html.
 * Buckets are named in the path, which servers of one's own understand, too.
 */
export function openBucket(access: BucketAccess): Bucket {
  const { bucket } = access;
  const ask = asking(access);
  const expectOk = async (response: Response, what: string): Promise<Response> => {
    if (response.ok) return response;
    throw new StorageError(`${what}: ${await wordsOf(response)}`);
  };
  return {
    async ask(signal) {
      const response = await ask('HEAD', undefined, signal && { signal });
      await expectOk(response, `The bucket ${bucket} at ${access.endpoint}`);
    },
    async write(key, body) {
      await expectOk(await ask('PUT', key, { body }), `Writing ${bucket}/${key}`);
    },
    async read(key) {
      const response = await expectOk(await ask('GET', key), `Reading ${bucket}/${key}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    async sizeOf(key, signal) {
      const response = await ask('HEAD', key, signal && { signal });
      if (response.status === 404) return undefined;
      await expectOk(response, `Asking for ${bucket}/${key}`);
      return Number(response.headers.get('content-length'));
    },
    async remove(key) {
      await expectOk(await ask('DELETE', key), `Deleting ${bucket}/${key}`);
    },
    async list(prefix) {
      return (await listing(prefix)).objects;
    },
    async folders(prefix) {
      const { folders } = await listing(prefix, { delimiter: '/' });
      return folders.map((folder) => folder.slice(prefix.length, -1));
    },
    async digest(key, signal) {
      const response = await ask('GET', key, { ...(signal && { signal }), withinMs: READING_MS });
      if (response.status === 404) return undefined;
      const { body } = await expectOk(response, `Reading ${bucket}/${key}`);
      const hash = createHash('sha256');
      let size = 0;
      for await (const chunk of body ?? []) {
        hash.update(chunk);
        size += chunk.length;
      }
      return { size, sha256: hash.digest('hex') };
    },
  };

  /** All pages of a list: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
  async function listing(prefix: string, more: Readonly<Record<string, string>> = {}) {
    const found: Listing = { objects: [], folders: [] };
    for (let next: string | undefined = ''; next !== undefined;) {
      const query = { 'list-type': '2', prefix, ...more };
      const page = { ...query, ...(next !== '' && { 'continuation-token': next }) };
      const response = await expectOk(
        await ask('GET', undefined, { query: page }),
        `Listing ${bucket}/${prefix}`,
      );
      const parsed = parseListing(await response.text());
      found.objects.push(...parsed.objects);
      found.folders.push(...parsed.folders);
      next = parsed.next;
    }
    return found;
  }
}

function asking({ endpoint, bucket, region, accessKey, secretKey }: BucketAccess): Ask {
  const client = new AwsClient({
    ...{ accessKeyId: accessKey, secretAccessKey: secretKey, region, service: 's3' },
    // Who asks decides whether to ask again.
    retries: 0,
  });
  const base = `${endpoint.replace(/\/$/, '')}/${encodeURIComponent(bucket)}`;
  return async (method, key, { body, signal, query = {}, withinMs = TIMEOUT_MS } = {}) => {
    const path = key === undefined ? '' : `/${key.split('/').map(encodeURIComponent).join('/')}`;
    const url = new URL(`${base}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const timeout = AbortSignal.timeout(withinMs);
    const request = await client.sign(url, { method, ...(body && { body }) });
    try {
      return await fetch(request, {
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const words = cause instanceof Error ? cause.message || cause.name : String(cause);
      throw new StorageError(`The S3 server at ${endpoint} does not answer: ${words}`, {
        cause: error,
      });
    }
  };
}

/** An error as S3 describes it: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const errorSchema = z.object({ Error: z.object({ Code: z.string(), Message: z.string() }) });

/** What a server says of a request that it did not do; an answer to HEAD has no words. */
async function wordsOf(response: Response): Promise<string> {
  const said = errorSchema.safeParse(new XMLParser().parse(await response.text()));
  if (said.success) return `${said.data.Error.Code}: ${said.data.Error.Message}`;
  if (response.status === 404) return 'there is none (404)';
  if (response.status === 403) return 'the keys are refused (403)';
  return `the server answered ${response.status} ${response.statusText}`.trimEnd();
}
