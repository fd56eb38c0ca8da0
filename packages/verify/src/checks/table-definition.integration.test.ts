import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import { DISTRIBUTED, LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { parseContract } from '../contract/read-contract.ts';
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

test('a setting that only one node has fails, although the contract does not name it, unless it is allowed', async () => {
  await on('clickhouse-02', `ALTER TABLE ${LOCAL} MODIFY SETTING parts_to_throw_insert = 5`);
  expect(await failures()).toMatchObject([
    {
      subject: expect.stringContaining('against each other'),
      observed: expect.stringContaining('clickhouse-02'),
      difference: expect.stringContaining(', parts_to_throw_insert = 5'),
    },
  ]);
  const allowed = { kind: 'table', name: LOCAL, reason: 'it is being tried' };
  const { status, findings } = await runCheck(tableDefinition, allowing(own.context(10), allowed));
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed).join()).toContain(allowed.reason);
});

test('a table that is not there fails', async () => {
  await on('clickhouse-03', `DROP TABLE ${DISTRIBUTED} SYNC`);
  expect(await failures()).toMatchObject([
    { status: 'failed', node: 'clickhouse-03', observed: 'no such table' },
  ]);
});

test('a Distributed table with plain columns over computed ones passes, and one without a column fails', async () => {
  const columns = {
    id: 'UInt64',
    raw: 'String EPHEMERAL',
    v: 'String DEFAULT upper(raw)',
    up: 'String MATERIALIZED upper(v)',
    low: 'String ALIAS lower(v)',
  };
  const written = Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');
  await Promise.all(
    own.cluster.nodes.map(async ({ node }) => {
      await on(
        node.name,
        `DROP TABLE ${DISTRIBUTED} SYNC`,
        `DROP TABLE ${LOCAL} SYNC`,
        `CREATE TABLE ${LOCAL} (${written}) ENGINE = MergeTree ORDER BY id`,
        `CREATE TABLE ${DISTRIBUTED} (v String, id UInt64)
         ENGINE = Distributed(dwh_test, otus_default, hw16_demo_products_local, cityHash64(id))`,
      );
    }),
  );
  const context = own.context(10);
  const tables = context.contract.tables.map((table) => {
    if (table.kind !== 'local') return table;
    const { partitionBy: _, ...rest } = table;
    return { ...rest, unpartitioned: true, columns };
  });
  const judged = { ...context, contract: { ...context.contract, tables } };
  const { findings } = await runCheck(tableDefinition, judged);
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  await on('clickhouse-04', `ALTER TABLE ${DISTRIBUTED} DROP COLUMN v`);
  const [failed] = (await runCheck(tableDefinition, judged)).findings.filter(
    ({ status }) => status !== 'passed',
  );
  expect(failed).toMatchObject({ node: 'clickhouse-04', observed: 'column v: none, not String' });
});

/** Findings about tables that a contract of version 2 describes. */
const described = async (tables: string) => {
  const contract = parseContract(`version: 2\ntables:\n${tables}`, 'tables.yaml');
  const { findings } = await runCheck(tableDefinition, { ...own.context(), contract });
  return findings.filter(({ node }) => node !== undefined);
};
const everywhere = (...statements: string[]) =>
  Promise.all(own.cluster.nodes.map(({ node }) => on(node.name, ...statements)));

test('of what a contract of version 2 does not say nothing is required', async () => {
  const findings = await described(`
  - { name: hw16_demo_products_local, kind: table }
  - { name: hw16_demo_products, kind: distributed, over: hw16_demo_products_local }
  - { name: tables, database: system, kind: table, columns: { atLeast: { name: String } } }`);
  expect(findings).toHaveLength(12);
  expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['passed']));
});

test('engines with arguments, some of the columns, and another database are as the contract says or fail', async () => {
  await everywhere(
    'CREATE DATABASE IF NOT EXISTS sums',
    `CREATE TABLE IF NOT EXISTS sums.t_sum (id UInt64, n UInt64, d Decimal(20, 2))
     ENGINE = SummingMergeTree((n, d)) ORDER BY id`,
  );
  const table = (fields: string) =>
    described(`  - { name: t_sum, kind: table, database: sums, ${fields} }`);
  const observed = async (fields: string) => [
    ...new Set((await table(fields)).map(({ status, observed: said }) => `${status}: ${said}`)),
  ];
  expect(await observed('engine: SummingMergeTree')).toEqual(['passed: the same']);
  expect(await observed('engine: "SummingMergeTree((n, d))", orderBy: (id)')).toEqual([
    'passed: the same',
  ]);
  expect(await observed('engine: SummingMergeTree(n)')).toEqual([
    'failed: engine arguments: n,d, not n',
  ]);
  expect(await observed('columns: { atLeast: { n: UInt64 } }')).toEqual(['passed: the same']);
  expect(await observed('columns: { atLeast: { n: UInt32, x: String } }')).toEqual([
    'failed: column n: UInt64, not UInt32; column x: none, not String',
  ]);
  expect(await observed('columns: { n: UInt64 }')).toEqual([
    'failed: column id: UInt64, not none; column d: Decimal(20, 2), not none',
  ]);
  expect(await observed('partitionBy: toYYYYMM(d)')).toEqual([
    'failed: PARTITION BY: none, not toYYYYMM(d)',
  ]);
});

test('views, what materialized ones fill, and dictionaries are as the contract says or fail', async () => {
  await everywhere(
    `CREATE VIEW IF NOT EXISTS otus_default.books AS
       SELECT id, name FROM otus_default.hw16_demo_products_local WHERE category = 'Books'`,
    `CREATE TABLE IF NOT EXISTS otus_default.totals_local (category String, n UInt64)
       ENGINE = SummingMergeTree ORDER BY category`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS otus_default.totals TO otus_default.totals_local AS
       SELECT category, toUInt64(1) AS n FROM otus_default.hw16_demo_products_local`,
    `CREATE DICTIONARY IF NOT EXISTS otus_default.names (id UInt64, name String) PRIMARY KEY id
       SOURCE(CLICKHOUSE(DB 'otus_default' TABLE 'hw16_demo_products_local')) LAYOUT(FLAT()) LIFETIME(0)`,
  );
  const select = "select id, name from hw16_demo_products_local where category = 'Books'";
  expect(
    await described(`
  - { name: books, kind: view, columns: { id: UInt32, name: String }, select: "${select}" }
  - { name: totals, kind: materialized-view, to: totals_local }
  - { name: names, kind: dictionary, columns: { id: UInt64, name: String } }`),
  ).toSatisfy((findings: { status: string }[]) =>
    findings.every(({ status }) => status === 'passed'),
  );
  const [view, materialized, dictionary] = [
    `books, kind: view, select: "${select.replace('Books', 'Toys')}"`,
    'totals, kind: materialized-view, to: others',
    'books, kind: dictionary',
  ].map((fields) => described(`  - { name: ${fields} }`));
  expect((await view)?.[0]).toMatchObject({
    status: 'failed',
    observed: expect.stringMatching(/^SELECT: SELECT id, name FROM .* = 'Books'.*, not .*Toys/),
  });
  expect((await materialized)?.[0]?.observed).toBe(
    'table that it fills: otus_default.totals_local, not otus_default.others',
  );
  expect((await dictionary)?.[0]?.observed).toBe('engine: View, not Dictionary');
});
