import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DISTRIBUTED, LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { tableDefinition } from './table-definition.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
beforeEach(() => own.load(10));
afterAll(() => own[Symbol.asyncDispose]());

const failures = async () => {
  const { findings } = await runCheck(tableDefinition, own.context(10));
  return findings.filter(({ status }) => status !== 'passed');
};
const on = (node: string, ...statements: string[]) =>
  statements.reduce(
    (before, sql) => before.then(() => own.cluster.node(node).command(sql)),
    Promise.resolve(),
  );

test('tables as in the contract pass on every node, and the definition is shown', async () => {
  const { status, findings } = await runCheck(tableDefinition, own.context(10));
  expect(status).toBe('passed');
  expect(findings.filter(({ node }) => node !== undefined)).toHaveLength(8);
  expect(findings[0]?.evidence?.[0]?.rows[0]?.[0]).toMatch(/^CREATE TABLE otus_default/);
});

test('a column too many on one node fails there and against the others', async () => {
  await on('clickhouse-03', `ALTER TABLE ${LOCAL} ADD COLUMN note String DEFAULT 'x'`);
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-03', observed: "column note: String DEFAULT 'x', not none" },
    { observed: expect.stringMatching(/^2 definitions: .* differ from clickhouse-03$/) },
  ]);
});

test('a missing column and another type fail', async () => {
  await on('clickhouse-01', `ALTER TABLE ${LOCAL} DROP COLUMN category`);
  await on('clickhouse-02', `ALTER TABLE ${LOCAL} MODIFY COLUMN price Decimal(12, 2)`);
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-01', observed: 'column category: none, not String' },
    { node: 'clickhouse-02', observed: 'column price: Decimal(12, 2), not Decimal(10, 2)' },
    { observed: expect.stringContaining('3 definitions') },
  ]);
});

test('columns in another order fail', async () => {
  await on('clickhouse-01', `ALTER TABLE ${LOCAL} MODIFY COLUMN category String AFTER price`);
  expect((await failures())[0]).toMatchObject({
    observed:
      'columns: id, name, price, category, created_at, not id, name, category, price, created_at',
  });
});

test('another engine, order and partition key fail, each named', async () => {
  await on(
    'clickhouse-04',
    `DROP TABLE ${LOCAL} SYNC`,
    `CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
     created_at DateTime) ENGINE = ReplacingMergeTree ORDER BY (id, name) PARTITION BY toYear(created_at)`,
  );
  expect((await failures())[0]).toMatchObject({
    node: 'clickhouse-04',
    observed:
      'engine: ReplacingMergeTree, not MergeTree; ORDER BY: id, name, not id; ' +
      'PARTITION BY: toYear(created_at), not toYYYYMM(created_at)',
  });
});

test('a Distributed table with another key, or over another table, fails', async () => {
  const create = (over: string, key: string) =>
    `CREATE TABLE ${DISTRIBUTED} AS ${LOCAL} ENGINE = Distributed(dwh_test, otus_default, ${over}, ${key})`;
  await on(
    'clickhouse-01',
    `DROP TABLE ${DISTRIBUTED} SYNC`,
    create('hw16_demo_products_local', 'rand()'),
  );
  await on('clickhouse-02', `DROP TABLE ${DISTRIBUTED} SYNC`, create('other', 'cityHash64(id)'));
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-01', observed: 'sharding key: rand(), not cityHash64(id)' },
    { node: 'clickhouse-02', observed: 'table below: other, not hw16_demo_products_local' },
    { observed: expect.stringContaining('3 definitions') },
  ]);
});

test('a setting that only one node has fails, although the contract does not name it', async () => {
  await on('clickhouse-02', `ALTER TABLE ${LOCAL} MODIFY SETTING parts_to_throw_insert = 5`);
  expect(await failures()).toMatchObject([
    {
      subject: expect.stringContaining('against each other'),
      observed: expect.stringContaining('clickhouse-02'),
    },
  ]);
});

test('a table that is not there fails', async () => {
  await on('clickhouse-03', `DROP TABLE ${DISTRIBUTED} SYNC`);
  expect(await failures()).toMatchObject([
    { status: 'failed', node: 'clickhouse-03', observed: 'no such table' },
  ]);
});
