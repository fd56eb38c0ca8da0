import { rotateSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../../../test/ask.ts';
import { temporaryPlatform, type TemporaryPlatform } from '../../../test/temporary-platform.ts';
import { openBucket, type Bucket } from '../../services/bucket.ts';
import { firstOf, type Deployment } from '../../state/deployment.ts';

function bucketOf({ storage }: Deployment, secrets: Secrets): Bucket {
  if (storage === undefined) throw new TypeError('there is no storage');
  const { user: accessKey, ...place } = storage;
  return openBucket({ ...place, accessKey, secretKey: secrets.minio_root_password });
}

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

let platform: TemporaryPlatform;
beforeAll(async () => {
  platform = await temporaryPlatform('storage');
});
afterAll(() => platform[Symbol.asyncDispose]());

test('tables are in the bucket of the module, stay there, and are not left without it', async () => {
  const { runtime } = platform;
  const first = await runtime.up({ ...small, storage: 's3_ssd' });
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  const query = async ({ clickhouse }: Deployment, sql: string): Promise<string> =>
    ask(firstOf(clickhouse.nodes).httpPort, { user, password }, sql);
  expect(first.storage?.bucket).toBe('clickhouse');
  await query(
    first,
    'CREATE TABLE otus_default.kept (id UInt64, v String) ENGINE = MergeTree ORDER BY id',
  );
  // Longer than a part of an upload.
  await query(
    first,
    'INSERT INTO otus_default.kept SELECT number, randomPrintableASCII(200) FROM numbers(100000)',
  );
  const rows = 'SELECT count(), sum(cityHash64(id, v)) FROM otus_default.kept';
  const written = await query(first, rows);
  expect(written).toMatch(/^100000\t/);
  expect(
    await query(first, "SELECT DISTINCT disk_name FROM system.parts WHERE table = 'kept'"),
  ).toMatch(/^s3_cache\s*$/);
  await runtime.down();

  await expect(runtime.up({ ...small, storage: 'local_ssd' })).rejects.toThrow(
    /The data in .* is of .*, kept as s3_ssd, not .*--purge/,
  );
  await expect(runtime.up({ ...small, with: [] })).rejects.toThrow(/need the module storage/);
  const again = await runtime.up(small);
  expect(again.components.map(({ name }) => name).sort()).toEqual(['clickhouse-01', 'storage']);
  // What the node has kept of the bucket on its own disk would hide that the bucket is empty.
  await query(again, 'SYSTEM DROP FILESYSTEM CACHE');
  expect(await query(again, rows)).toBe(written);

  const before = await platform.secrets();
  const after = rotateSecrets(before, ['minio_root_password']);
  await writeSecrets(again.secretsFile, after, { force: true });
  const restarted = await runtime.restartAll();
  await query(restarted, 'SYSTEM DROP FILESYSTEM CACHE');
  expect(await query(restarted, rows)).toBe(written);
  await bucketOf(restarted, after).ask();
  await expect(bucketOf(restarted, before).ask()).rejects.toThrow('the keys are refused (403)');
});

test('an insert that is under way while the server is killed goes on when it is back', async () => {
  const { runtime } = platform;
  const deployment = await runtime.up(small);
  expect(deployment.storage?.bucket).toBe('clickhouse');
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  const query = async (sql: string): Promise<string> =>
    ask(firstOf(deployment.clickhouse.nodes).httpPort, { user, password }, sql);
  await query(
    'CREATE TABLE otus_default.inserted (id UInt64, v String) ENGINE = MergeTree ORDER BY id',
  );
  const parts = "SELECT count() FROM system.parts WHERE table = 'inserted' AND active";
  // A part for each 20,000 rows, so that it takes a while and is seen to be under way.
  const insert = query(
    `INSERT INTO otus_default.inserted SELECT number, randomPrintableASCII(50) FROM numbers(1000000)
     SETTINGS max_block_size = 20000, min_insert_block_size_rows = 20000, min_insert_block_size_bytes = 1, max_insert_threads = 1`,
  );
  let ended = false;
  void insert.then(() => (ended = true));
  await expect.poll(async () => Number(await query(parts))).toBeGreaterThan(2);
  await runtime.kill('storage');
  await expect(bucketOf(deployment, await platform.secrets()).ask()).rejects.toThrow(
    'does not answer',
  );
  expect(ended).toBe(false);
  await runtime.up(small);
  expect(await insert).toBe('');
  expect(await query('SELECT count(), uniqExact(id) FROM otus_default.inserted')).toBe(
    '1000000\t1000000',
  );
});
