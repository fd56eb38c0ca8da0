import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { testMetabase } from '../../test/container-metabase.ts';
import { testSuperset } from '../../test/container-superset.ts';
import { disks, fill, objects, query, ROWS } from '../../test/stored-table.ts';
import { BUCKETS, type StorageType } from '../clickhouse/storage.ts';
import type { Module } from '../runtime.ts';
import type { Deployment } from '../state/deployment.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const OPTIONS = { shards: 1, replicas: 1, without: ['airflow'] } as const;

let started: ContainerPlatform | undefined;
beforeAll(async () => {
  if (obstacle === undefined) started = await containerPlatform();
});
afterAll(() => started?.[Symbol.asyncDispose]());

/** The platform of these tests. @throws RangeError when there is none */
function running(): ContainerPlatform {
  if (started === undefined) throw new RangeError('there is no platform');
  return started;
}

async function up(storage: StorageType, modules: readonly Module[]): Promise<Deployment> {
  const more = { ...OPTIONS, storage, with: modules };
  return running().runtime.up({ ...more, ports: running().portsFor(more) });
}

test('tables are in the bucket, and their rows survive that all containers are removed; a module that is left out keeps its data', async () => {
  const platform = running();
  expect(await up('s3_ssd', ['kafka'])).toMatchObject({
    storage: { bucket: BUCKETS.data, endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:/) },
    kafka: { host: '127.0.0.1', inside: { host: 'kafka', port: 9092 } },
  });
  const before = await objects(platform, BUCKETS.data);
  const filled = await fill(platform);
  expect(await disks(platform)).toBe('s3_cache');
  expect(await objects(platform, BUCKETS.data)).toBeGreaterThan(before);
  await platform.runtime.down();
  expect((await platform.remains()).containers).toEqual([]);
  await expect(up('s3_ssd', [])).rejects.toThrow(/needs the module storage.*--with none/);
  expect(await up('s3_ssd', ['storage'])).not.toHaveProperty('kafka');
  expect(Object.keys(await platform.ids())).not.toContain('kafka');
  expect((await platform.remains()).volumes).toContain(`provehouse-${platform.name}-kafka-data`);
  expect(await query(platform, ROWS)).toBe(filled);
  // What the node has kept of the bucket on its own disk would hide that the bucket is empty.
  expect(await query(platform, 'SYSTEM DROP FILESYSTEM CACHE')).toMatch(/^(\S+\t\d+\n?)*$/);
  expect(await query(platform, ROWS)).toBe(filled);
  await expect(up('local_ssd', [])).rejects.toThrow(/data .* is kept as s3_ssd.*--purge/);
  expect(await query(platform, ROWS)).toBe(filled);
  await query(platform, 'DROP TABLE otus_default.kept SYNC');
  expect(await objects(platform, BUCKETS.data)).toBe(before);
});

describe('Superset and Metabase', () => {
  const modules = ['storage', 'superset', 'metabase'] as const;
  testSuperset(running, { ...OPTIONS, storage: 's3_ssd', with: modules });
  testMetabase(running);
});
