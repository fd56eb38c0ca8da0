import { beforeEach, expect, test } from 'vitest';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { disks, fill, objects, query, ROWS } from '../../test/stored-table.ts';
import { BUCKETS, type StorageType } from '../clickhouse/storage.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

async function up(platform: ContainerPlatform, storage: StorageType): Promise<void> {
  const options = { shards: 1, replicas: 1, without: ['airflow'], storage } as const;
  await platform.runtime.up({ ...options, ports: platform.portsFor(options) });
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
