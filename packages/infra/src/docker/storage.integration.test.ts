import { beforeEach, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { BUCKETS, type StorageType } from '../clickhouse/storage.ts';
import { docker } from './engine.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const NODE = 'clickhouse-01';
const ROWS = 'SELECT count(), sum(sipHash64(*)) FROM otus_default.kept';

async function up(platform: ContainerPlatform, storage: StorageType): Promise<void> {
  const options = { shards: 1, replicas: 1, without: ['airflow'], storage } as const;
  await platform.runtime.up({ ...options, ports: platform.portsFor(options) });
}

async function query(platform: ContainerPlatform, sql: string): Promise<string> {
  const { super_user_name: user, super_user_password: password } = await platform.secrets();
  return ask(platform.ports[`${NODE}.http`] ?? 0, { user, password }, sql);
}

/** Makes a table with 1000 rows; gives what `ROWS` says of them. */
async function fill(platform: ContainerPlatform): Promise<string> {
  const columns = '(id UInt32, name String) ENGINE = MergeTree ORDER BY id';
  const rows = 'SELECT number, toString(number) FROM numbers(1000)';
  expect(await query(platform, `CREATE TABLE otus_default.kept ${columns} EMPTY AS ${rows}`)).toBe(
    '',
  );
  expect(await query(platform, `INSERT INTO otus_default.kept ${rows}`)).toBe('');
  const filled = await query(platform, ROWS);
  expect(filled).toMatch(/^1000\t\d+$/);
  return filled;
}

const disks = (platform: ContainerPlatform): Promise<string> =>
  query(
    platform,
    "SELECT DISTINCT disk_name FROM system.parts WHERE active AND table = 'kept' AND rows > 0",
  );

/** How many objects of the node a bucket holds; MinIO keeps each as a folder with this file. */
async function objects(platform: ContainerPlatform, bucket: string): Promise<number> {
  const { minio = '' } = await platform.ids();
  const search = ['find', `/data/${bucket}`, '-path', `*/${NODE}/*`, '-name', 'xl.meta'];
  const found = await docker(['exec', minio, ...search]);
  return found === '' ? 0 : found.split('\n').length;
}

test('tables are in the bucket, and their rows survive that all containers are removed', async () => {
  await using platform = await containerPlatform();
  await up(platform, 's3_ssd');
  const before = await objects(platform, BUCKETS.data);
  const filled = await fill(platform);
  expect(await disks(platform)).toBe('s3_cache');
  expect(await objects(platform, BUCKETS.data)).toBeGreaterThan(before);
  await platform.runtime.down();
  expect((await platform.remains()).containers).toEqual([]);
  await up(platform, 's3_ssd');
  expect(await query(platform, ROWS)).toBe(filled);
  // What the node has kept of the bucket on its own disk would hide that the bucket is empty.
  expect(await query(platform, 'SYSTEM DROP FILESYSTEM CACHE')).toMatch(/^(\S+\t\d+\n?)*$/);
  expect(await query(platform, ROWS)).toBe(filled);
  await expect(up(platform, 'local_ssd')).rejects.toThrow(/data .* is kept as s3_ssd.*--purge/);
  expect(await query(platform, ROWS)).toBe(filled);
  await query(platform, 'DROP TABLE otus_default.kept SYNC');
  expect(await objects(platform, BUCKETS.data)).toBe(before);
});

test('a backup in the bucket brings a table back when the node has lost its disk', async () => {
  await using platform = await containerPlatform();
  await up(platform, 'local_ssd_backup');
  const filled = await fill(platform);
  expect(await disks(platform)).toBe('default');
  const places = ['folder', 'archive.tar.gz'].map((name) => `Disk('backups', '${name}')`);
  for (const place of places) {
    const backup = `BACKUP TABLE otus_default.kept TO ${place}`;
    expect(await query(platform, backup)).toMatch(/\tBACKUP_CREATED$/);
  }
  expect(await objects(platform, BUCKETS.backups)).toBeGreaterThan(places.length);
  // What a start has written to prove the disk is gone.
  const kept = await query(
    platform,
    "SELECT count() FROM system.databases WHERE name LIKE '%proof%'",
  );
  expect(kept).toBe('0');
  const { minio = '' } = await platform.ids();
  expect(await docker(['exec', minio, 'find', '/data', '-name', 'storage-proof*'])).toBe('');
  await platform.runtime.down();
  await docker(['volume', 'rm', `provehouse-${platform.name}-${NODE}-data`]);
  await up(platform, 'local_ssd_backup');
  for (const place of places) {
    expect(await query(platform, ROWS)).toContain('UNKNOWN_TABLE');
    const restore = `RESTORE TABLE otus_default.kept FROM ${place}`;
    expect(await query(platform, restore)).toMatch(/\tRESTORED$/);
    expect(await query(platform, ROWS)).toBe(filled);
    await query(platform, 'DROP TABLE otus_default.kept SYNC');
  }
});
