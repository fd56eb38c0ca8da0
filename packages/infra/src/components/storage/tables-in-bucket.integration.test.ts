import { expect, test } from 'vitest';
import { ask } from '../../../test/ask.ts';
import { temporaryPlatform } from '../../../test/temporary-platform.ts';
import { firstOf, type Deployment } from '../../state/deployment.ts';

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

test('tables are in the bucket of the module, stay there, and are not left without it', async () => {
  await using platform = await temporaryPlatform('storage');
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
});
