import { expect, test } from 'vitest';
import { mergeTreeOf, renderStorage } from './storage.ts';

const server = { endpoint: 'http://minio:9000', accessKey: 'key', secretKey: 'secret' };

test('every node has a folder of its own in the bucket', () => {
  const first = JSON.stringify(renderStorage({ type: 's3_ssd', ...server }, 'clickhouse-01'));
  const second = JSON.stringify(renderStorage({ type: 's3_ssd', ...server }, 'clickhouse-02'));
  expect(first).toContain('http://minio:9000/clickhouse/clickhouse-01/');
  expect(second).toContain('http://minio:9000/clickhouse/clickhouse-02/');
});

test('tables are in the bucket unless they say otherwise', () => {
  expect(renderStorage({ type: 's3_ssd', ...server }, 'clickhouse-01')).toMatchObject({
    storage_configuration: { policies: { s3_ssd: { volumes: { main: { disk: 's3_cache' } } } } },
  });
  expect(mergeTreeOf({ type: 's3_ssd', ...server })).toEqual({ storage_policy: 's3_ssd' });
});

test('with backups the tables stay on the local disk', () => {
  const config = renderStorage({ type: 'local_ssd_backup', ...server }, 'clickhouse-01');
  expect(mergeTreeOf({ type: 'local_ssd_backup', ...server })).toEqual({});
  expect(config).toMatchObject({
    storage_configuration: { disks: { backups: { type: 's3_plain' } } },
    backups: { allowed_disk: 'backups' },
  });
});
