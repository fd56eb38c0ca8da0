import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient } from '../../test/changed-context.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { partitions } from './partitions.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const failures = async () => {
  const { findings } = await runCheck(partitions, impatient(own.context()));
  expect(findings).toHaveLength(4);
  return findings.filter(({ status }) => status === 'failed');
};

test('a table partitioned as the contract says passes on every node, month by month', async () => {
  const { status, findings } = await runCheck(partitions, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ node }) => node)).toHaveLength(4);
  const rows = findings[0]?.evidence?.[0]?.rows ?? [];
  expect(rows).toHaveLength(13);
  expect(rows[0]?.[0]).toBe('202506');
});

test.each(['toYYYYMMDD(created_at)', 'tuple()', 'toYYYYMM(created_at + toIntervalDay(1))'])(
  'a node whose table is partitioned by %s fails',
  async (key) => {
    const { command } = own.cluster.node('clickhouse-02');
    await command(`DROP TABLE ${LOCAL} SYNC`);
    await command(
      `CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
       created_at DateTime) ENGINE = MergeTree ORDER BY id PARTITION BY ${key}`,
    );
    await command(
      `INSERT INTO ${LOCAL} ${sampleRows(1, 500)}, max_partitions_per_insert_block = 1000`,
    );
    expect(await failures()).toMatchObject([{ node: 'clickhouse-02' }]);
  },
);

test('rows that are deleted but still in their part fail for that partition', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  await command(`DELETE FROM ${LOCAL} WHERE id = (SELECT min(id) FROM ${LOCAL})`);
  const found = await failures();
  expect(found).toMatchObject([{ node: 'clickhouse-01' }]);
  expect(found[0]?.evidence?.[0]?.rows).toHaveLength(1);
});

test('a table without a partition key in the contract is skipped', async () => {
  const context = own.context();
  const tables = context.contract.tables.map((table) => {
    if (table.kind !== 'local') return table;
    const { partitionBy: _, ...rest } = table;
    return rest;
  });
  const contract = { ...context.contract, tables };
  expect((await runCheck(partitions, { ...context, contract })).status).toBe('skipped');
});
