import { beforeEach, expect, test } from 'vitest';
import { ask } from '../../test/ask.ts';
import { containerPlatform, whyNoContainers } from '../../test/container-platform.ts';
import { openBackupPlace } from '../backup/backup-place.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { docker } from './engine.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const NODES = ['clickhouse-01', 'clickhouse-02'];
const OPTIONS = { shards: 1, replicas: 2, without: ['airflow'], with: ['storage'] } as const;

test('a backup brings the tables of a shard back whose containers and volumes are gone', async () => {
  await using platform = await containerPlatform();
  const options = { ...OPTIONS, ports: platform.portsFor(OPTIONS) };
  const deployment = await platform.runtime.up(options);
  const secrets = await platform.secrets();
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const query = (node: string, sql: string): Promise<string> =>
    ask(platform.ports[`${node}.http`] ?? 0, account, sql);
  const content = 'SELECT count(), sum(cityHash64(id, v)) FROM otus_default.events';
  const contents = (): Promise<string[]> => Promise.all(NODES.map((node) => query(node, content)));
  await query(
    'clickhouse-01',
    `CREATE TABLE otus_default.events ON CLUSTER dwh_test (id UInt64, v String)
     ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}') ORDER BY id`,
  );
  const insert =
    'INSERT INTO otus_default.events SELECT number, toString(number) FROM numbers(1000)';
  expect(await query('clickhouse-01', insert)).toBe('');
  await query('clickhouse-02', 'SYSTEM SYNC REPLICA otus_default.events');
  const [filled = ''] = await contents();
  expect(filled).toMatch(/^1000\t\d+$/);
  const open = () => openBackupPlace(deployment, account, secrets.minio_root_password);
  const step = { signal: new AbortController().signal, onPhase: () => undefined };
  {
    await using place = await open();
    await takeBackup(place, { name: 'whole', ...step });
  }

  const ids = await platform.ids();
  await docker(['rm', '--force', ...NODES.map((node) => ids[node] ?? '')]);
  await docker([
    'volume',
    'rm',
    ...NODES.map((node) => `provehouse-${platform.name}-${node}-data`),
  ]);
  await platform.runtime.up(options);
  expect(await query('clickhouse-01', 'SHOW TABLES FROM otus_default')).toBe('');
  await using place = await open();
  const restored = await restoreBackup(place, { name: 'whole', replace: false, ...step });
  expect(restored).toMatchObject([{ shard: '01', table: 'events', restored: true }]);
  expect(await contents()).toEqual([filled, filled]);
});
