import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { makeSharded, shardedContext, type ShardedTable } from '../../test/sharded-tables.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { ClusterContext } from '../check.ts';
import { placement } from './placement.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

test('rows that came through the Distributed table pass on every node', async () => {
  const { findings } = await runCheck(placement, own.context());
  expect(findings.map(({ status, node }) => [status, node])).toEqual([
    ['passed', 'clickhouse-01'],
    ['passed', 'clickhouse-02'],
    ['passed', 'clickhouse-03'],
    ['passed', 'clickhouse-04'],
  ]);
});

test('rows put straight onto the wrong shard fail for that node and are shown', async () => {
  const rows = sampleRows(2001, 2040);
  const node = own.cluster.node('clickhouse-03');
  // Of rows that go by their hash, those of shard 02 are the ones with an odd remainder.
  await node.command(
    `INSERT INTO ${LOCAL} SELECT * FROM (${rows}) WHERE cityHash64(id) % 2 = 1 LIMIT 3`,
  );
  const { status, findings } = await runCheck(placement, own.context());
  expect(status).toBe('failed');
  const failed = findings.filter((finding) => finding.status === 'failed');
  expect(failed).toMatchObject([{ node: 'clickhouse-03' }]);
  expect(failed[0]?.observed).toMatch(/^3 of \d+ rows/);
  expect(failed[0]?.evidence?.[0]?.rows).toHaveLength(3);
});

test('rows written under other weights fail', async () => {
  await using damage = await editedConfig(own, 'clickhouse-02', 'config.xml', (text) =>
    text.replace('<internal_replication>', '<weight>3</weight><internal_replication>'),
  );
  expect(damage).toBeDefined();
  const { findings } = await runCheck(placement, own.context());
  // Shard 02 was given the odd hashes. By weights 3 : 1 only the remainder 3 by 4 is its own.
  const failed = findings.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([{ node: 'clickhouse-02' }]);
  expect(failed[0]?.evidence?.[0]?.title).toContain('not 3 … 3');
});

const SIGNED: readonly ShardedTable[] = [
  {
    ...{ name: 't_signed', columns: { user_id: 'Int64', v: 'String' }, key: 'user_id' },
    rows: 'SELECT toInt64(number) - 5000, toString(number % 7) FROM numbers(10000)',
  },
  {
    ...{ name: 't_i32', columns: { user_id: 'Int32', d: 'DateTime' } },
    key: 'toInt32(user_id) * 7',
    rows: `SELECT toInt32(number) - 5000, toDateTime('2026-01-01 00:00:00', 'UTC') + number * 2500 FROM numbers(10000)`,
  },
];

test('signed keys of which one half is below 0 pass', async () => {
  await makeSharded(own.cluster, SIGNED);
  const { findings } = await runCheck(placement, shardedContext(own.context(), SIGNED));
  expect(findings.map(({ status, observed }) => [status, observed])).toEqual(
    Array.from({ length: 8 }, () => ['passed', expect.stringMatching(/^0 of [45]\d\d\d rows/)]),
  );
});

test('rows whose key is NULL, which the Distributed table does not let be so, fail', async () => {
  const table: ShardedTable = {
    ...{ name: 't_null', columns: { id: 'UInt64' }, key: 'cityHash64(id)' },
    ...{ localColumns: { id: 'Nullable(UInt64)' }, rows: 'SELECT number FROM numbers(100)' },
  };
  await makeSharded(own.cluster, [table]);
  const node = own.cluster.node('clickhouse-02');
  await node.command('INSERT INTO otus_default.t_null_local VALUES (NULL)');
  const { findings } = await runCheck(placement, shardedContext(own.context(), [table]));
  const failed = findings.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([{ node: 'clickhouse-02' }]);
  expect(failed[0]?.observed).toMatch(/^1 of \d+ rows/);
});

test('a table without a sharding key is skipped, and one beside it judged', async () => {
  const tables: ShardedTable[] = [
    { name: 't_nokey', columns: { id: 'UInt64' } },
    { name: 't_keyed', columns: { id: 'UInt64' }, key: 'id' },
  ];
  await makeSharded(own.cluster, tables);
  const { status, findings } = await runCheck(placement, shardedContext(own.context(), tables));
  expect(status).toBe('passed');
  expect(findings[0]).toMatchObject({ status: 'skipped', subject: 't_nokey_local' });
});

test('a sharding key without a place for a row is skipped', async () => {
  const context = own.context();
  const tables = context.contract.tables.map((table) =>
    table.kind === 'distributed' ? { ...table, shardingKey: 'rand()' } : table,
  );
  const random: ClusterContext = { ...context, contract: { ...context.contract, tables } };
  expect((await runCheck(placement, random)).status).toBe('skipped');
});
