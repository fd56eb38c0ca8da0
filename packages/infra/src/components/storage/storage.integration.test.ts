import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readSecrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeInParts } from '../../../test/multipart-object.ts';
import {
  expectNothingLeft,
  temporaryPlatform,
  type TemporaryPlatform,
} from '../../../test/temporary-platform.ts';
import { openBucket, type Bucket, type BucketAccess } from '../../services/bucket.ts';
import type { Deployment } from '../../state/deployment.ts';
import { exists } from '../../system/exists.ts';

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

async function accessOf({ storage, secretsFile }: Deployment): Promise<BucketAccess> {
  if (storage === undefined) throw new TypeError('there is no storage');
  const { endpoint, region, bucket, user: accessKey } = storage;
  const { minio_root_password: secretKey } = await readSecrets(secretsFile);
  return { endpoint, region, bucket, accessKey, secretKey };
}

const stateOf = async ({ runtime }: TemporaryPlatform): Promise<string | undefined> =>
  (await runtime.status()).find(({ name }) => name === 'storage')?.state;

/** Writes one object after the other until none is taken any more; gives those that were. */
async function writeUntilRefused(bucket: Bucket, onWritten: () => void) {
  const written = new Map<string, string>();
  try {
    for (let index = 0; ; index += 1) {
      const content = randomBytes(4096).toString('hex');
      await bucket.write(`written/${index}`, content);
      written.set(`written/${index}`, content);
      onWritten();
    }
  } catch {
    return written;
  }
}

let platform: TemporaryPlatform;
beforeAll(async () => {
  platform = await temporaryPlatform('storage');
});
afterAll(() => platform[Symbol.asyncDispose]());

test('what the bucket has taken outlives a kill of its server, and other keys are refused', async () => {
  const { runtime } = platform;
  const deployment = await runtime.up({ ...small, with: ['storage'] });
  const access = await accessOf(deployment);
  const bucket = openBucket(access);
  expect(await stateOf(platform)).toBe('ready');
  await expect(openBucket({ ...access, secretKey: 'another' }).ask()).rejects.toThrow(
    `The bucket clickhouse at ${access.endpoint}: the keys are refused (403)`,
  );
  await expect(openBucket({ ...access, accessKey: 'another' }).write('a', 'b')).rejects.toThrow(
    /InvalidAccessKeyId|AccessDenied/,
  );
  await bucket.write('a', 'of one who has the keys');
  const url = `${access.endpoint}/${access.bucket}`;
  expect((await fetch(url)).ok).toBe(false);
  expect((await fetch(`${url}/a`)).ok).toBe(false);
  expect((await fetch(`${url}/a`, { method: 'PUT' })).ok).toBe(false);

  const parts = [randomBytes(5 * 1024 ** 2), randomBytes(1000)] as const;
  await writeInParts(
    access,
    'in parts',
    parts.map((part) => new Uint8Array(part)),
  );
  let written = 0;
  const writing = writeUntilRefused(bucket, () => (written += 1));
  await expect.poll(() => written).toBeGreaterThan(20);
  await runtime.kill('storage');
  const taken = await writing;
  expect(taken.size).toBeGreaterThan(20);
  expect(await stateOf(platform)).toBe('ended by a signal');
  await expect(bucket.ask()).rejects.toThrow(/does not answer: .*ECONNREFUSED/);

  await runtime.up(small);
  expect(await stateOf(platform)).toBe('ready');
  expect(Buffer.from(await bucket.read('in parts')).equals(Buffer.concat(parts))).toBe(true);
  for (const [key, content] of taken) {
    expect(Buffer.from(await bucket.read(key)).toString()).toBe(content);
  }
  expect(await bucket.sizeOf('written/0')).toBe(8192);
  await bucket.remove('written/0');
  expect(await bucket.sizeOf('written/0')).toBeUndefined();
});

test('it is remembered with what is in it, left out on request, and gone with its data', async () => {
  const { runtime } = platform;
  const first = openBucket(await accessOf(await runtime.up({ ...small, with: ['storage'] })));
  await first.write('kept/ä + b', 'content');
  await runtime.down();
  await expectNothingLeft(platform);
  const again = openBucket(await accessOf(await runtime.up(small)));
  expect(Buffer.from(await again.read('kept/ä + b')).toString()).toBe('content');
  await runtime.restart('storage');
  expect(await again.sizeOf('kept/ä + b')).toBe(7);
  await runtime.down();
  const without = await runtime.up({ ...small, with: [] });
  expect(without.storage).toBeUndefined();
  expect(without.components.map(({ name }) => name)).toEqual(['clickhouse-01']);
  await runtime.down({ purge: true });
  await expectNothingLeft(platform);
  expect(await exists(join(runtime.directory, 'data'))).toBe(false);
});
