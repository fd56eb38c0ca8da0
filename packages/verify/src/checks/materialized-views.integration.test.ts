import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { repairedAfter } from '../../test/changed-context.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { parseContract } from '../contract/read-contract.ts';
import { materializedViews } from './materialized-views.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await everywhere('CREATE DATABASE sales', 'CREATE DATABASE sums');
});
afterAll(() => own[Symbol.asyncDispose]());

const on = (node: string, ...statements: string[]) =>
  statements.reduce(
    (before, sql) => before.then(() => own.cluster.node(node).command(sql)),
    Promise.resolve(),
  );
/** Damages a target, which merges from then on. */
const damage = (node: string, ...statements: string[]) =>
  on(node, 'SYSTEM START MERGES sums.target', ...statements);
const everywhere = (...statements: string[]) =>
  Promise.all(own.cluster.nodes.map(({ node }) => on(node.name, ...statements)));

/** Rows of `days` days, `perDay` a day, with prices whose sums depend on their order in the last digits. */
const orders = (days: number, perDay: number) =>
  `SELECT toDate('2026-06-01') + number % ${days} AS day, number AS id, number % 97 AS customer,
     if(number % 5 = 0, NULL, toString(number % 3)) AS kind, number / 7 - 20 AS price,
     toDecimal64(number % 1000, 2) AS amount
   FROM numbers(${days * perDay})`;
const COLUMNS =
  'day Date, id UInt64, customer UInt64, kind Nullable(String), price Float64, amount Decimal(12, 2)';

interface Made {
  /** Columns, engine and keys of the target. */
  readonly target: string;
  readonly select: string;
  /** What the contract says besides, as YAML. */
  readonly says?: string;
  readonly source?: string;
  /** What is inserted into the source. */
  readonly rows?: readonly string[];
}

/** Makes a source, a target and a view on every node and puts rows in, in two inserts. */
async function make({
  target,
  select,
  source = 'MergeTree ORDER BY id',
  rows = [orders(10, 30), orders(10, 40)],
}: Made): Promise<void> {
  await everywhere(
    'DROP TABLE IF EXISTS sums.view',
    'DROP TABLE IF EXISTS sums.other',
    'DROP TABLE IF EXISTS sums.target SYNC',
    'DROP TABLE IF EXISTS sales.orders SYNC',
    `CREATE TABLE sales.orders (${COLUMNS}) ENGINE = ${source}`,
    `CREATE TABLE sums.target ${target}`,
    ...(target.includes('MergeTree') ? ['SYSTEM STOP MERGES sums.target'] : []),
    `CREATE MATERIALIZED VIEW sums.view TO sums.target AS ${select}`,
    ...rows.map((some) => `INSERT INTO sales.orders ${some}`),
  );
}

const contextOf = ({ select, says = 'bucket: day' }: Made, settleSeconds = 0) => ({
  ...own.context(),
  contract: parseContract(
    `version: 2
tables:
  - name: view
    database: sums
    kind: materialized-view
    to: sums.target
    select: ${JSON.stringify(select)}
    ${says}
replicas: { settleSeconds: ${settleSeconds} }`,
    'views.yaml',
  ),
});
const look = async (made: Made) => (await runCheck(materializedViews, contextOf(made))).findings;
const said = async (made: Made) => [
  ...new Set((await look(made)).map(({ status, observed }) => `${status}: ${observed}`)),
];
const failures = async (made: Made) =>
  (await look(made)).filter(({ status }) => status !== 'passed');

const STATES: Made = {
  target: `(day Date, customers AggregateFunction(uniq, UInt64), mean AggregateFunction(avg, Float64),
    levels AggregateFunction(quantilesExact(0.5, 0.9), Float64), big AggregateFunction(sumIf, Decimal(12, 2), UInt8),
    total SimpleAggregateFunction(sum, Decimal(38, 2)), dearest SimpleAggregateFunction(max, Float64),
    kinds SimpleAggregateFunction(groupUniqArrayArray, Array(String)))
    ENGINE = AggregatingMergeTree ORDER BY day`,
  select: `SELECT day, uniqState(customer) AS customers, avgState(price) AS mean,
    quantilesExactState(0.5, 0.9)(price) AS levels, sumIfState(amount, amount > 100) AS big,
    sum(amount) AS total, max(price) AS dearest, groupUniqArray(ifNull(kind, '')) AS kinds
    FROM sales.orders GROUP BY day`,
};
const SUMS: Made = {
  target: `(day Date, kind Nullable(String), n UInt64, price Float64, amount Decimal(18, 2))
    ENGINE = SummingMergeTree ORDER BY (day, kind) SETTINGS allow_nullable_key = 1`,
  select:
    'SELECT day, kind, count() AS n, sum(price) AS price, sum(amount) AS amount FROM sales.orders GROUP BY day, kind',
  says: 'bucket: [toMonday(day), kind]',
};
const COPIES: Made = {
  target: `(day Date, id UInt32, price Float32, loaded DateTime64(3), note String DEFAULT 'x')
    ENGINE = MergeTree ORDER BY id`,
  select: 'SELECT day, id, price, now64(3) AS loaded FROM sales.orders WHERE price > 0',
  says: 'bucket: day\n    aggregates: { loaded: none }',
};

const planRow = z.object({ explain: z.string() });

test('a target of states passes, merged or not, and floating-point sums in whatever order', async () => {
  await make(STATES);
  await damage('clickhouse-03', 'OPTIMIZE TABLE sums.target FINAL');
  expect(await said(STATES)).toEqual([
    'passed: 10 buckets alike in customers, mean, levels, big, total, dearest, kinds',
  ]);
});

test('sums that are not merged yet pass, by several expressions of which one is NULL', async () => {
  await make(SUMS);
  expect(await said(SUMS)).toEqual(['passed: 7 buckets alike in sum(n), sum(price), sum(amount)']);
});

test('rows that a view copies pass as the types of the target have them', async () => {
  await make(COPIES);
  expect(await said(COPIES)).toEqual([
    'passed: 10 buckets alike in rows, hash of day, hash of id, hash of price',
  ]);
});

test('sums of floating-point numbers that come to nearly nothing pass', async () => {
  const nets: Made = {
    target: `(day Date, net AggregateFunction(sum, Float64), count AggregateFunction(count))
      ENGINE = AggregatingMergeTree ORDER BY day`,
    select: `SELECT day, sumState(price * if(day = '2026-06-01', 1e9, factor)) AS net, countState() AS count
      FROM sales.orders ARRAY JOIN [1e9, 3e8, -1e9, -3e8] AS factor GROUP BY day`,
  };
  await make(nets);
  await everywhere(`INSERT INTO sales.orders ${orders(10, 50)}`);
  expect(await said(nets)).toEqual(['passed: 10 buckets alike in net, count']);
  await damage(
    'clickhouse-01',
    `ALTER TABLE sums.target UPDATE net = arrayReduce('sumState', [5.]) WHERE day = '2026-06-02' SETTINGS mutations_sync = 1`,
  );
  expect(await failures(nets)).toMatchObject([{ node: 'clickhouse-01', status: 'failed' }]);
});

test('values that the target holds in other types, with less room, pass as it has them', async () => {
  const converted: Made = {
    target: `(day String, kind String, id Int8, price Decimal(9, 1), customer LowCardinality(String),
      state AggregateFunction(sum, UInt64)) ENGINE = MergeTree ORDER BY id`,
    select: `SELECT day, coalesce(kind, toNullable('')) AS kind, id, price, customer, arrayReduce('sumState', [toUInt64(amount)]) AS state FROM sales.orders`,
    says: 'bucket: toDate(day)',
  };
  await make(converted);
  expect(await said(converted)).toEqual([
    'passed: 10 buckets alike in rows, hash of day, hash of kind, hash of id, hash of price, hash of customer, state',
  ]);
});

test('rows that the target has lost on every node fail, with the bucket', async () => {
  await make(COPIES);
  await everywhere(
    'SYSTEM START MERGES sums.target',
    `ALTER TABLE sums.target DELETE WHERE day = '2026-06-04' AND id % 3 = 0 SETTINGS mutations_sync = 1`,
  );
  const findings = await failures(COPIES);
  expect(findings).toHaveLength(4);
  expect(findings[0]).toMatchObject({
    status: 'failed',
    node: 'clickhouse-01',
    observed: expect.stringMatching(
      /^1 of 10 buckets differs, the first: day 2026-06-04, rows in the source \d+, rows in the target \d+/,
    ),
  });
});

test('rows that came in while the view was detached on one node fail there', async () => {
  await make(STATES);
  await on(
    'clickhouse-02',
    'DETACH TABLE sums.view',
    `INSERT INTO sales.orders SELECT '2026-06-03', 5, 5, 'a', 2.5, 7`,
    `INSERT INTO sales.orders SELECT '2026-07-01', 5, 5, 'a', 2.5, 7`,
    'ATTACH TABLE sums.view',
  );
  const [failed, ...others] = await failures(STATES);
  expect(others).toEqual([]);
  expect(failed).toMatchObject({
    node: 'clickhouse-02',
    observed: expect.stringMatching(/^2 of 11 buckets differ, the first: day 2026-06-03, /),
  });
  expect(failed?.evidence?.[0]?.rows[1]).toEqual(
    expect.arrayContaining(['2026-07-01', 'no such bucket']),
  );
});

test('a state that was overwritten fails by its column, and a bucket too many', async () => {
  await make(STATES);
  await damage(
    'clickhouse-04',
    `ALTER TABLE sums.target UPDATE customers = (SELECT uniqState(toUInt64(1))) WHERE day = '2026-06-09' SETTINGS mutations_sync = 1`,
    `INSERT INTO sums.target (day, total) VALUES ('2027-01-01', 0)`,
  );
  const [failed, ...others] = await failures(STATES);
  expect(others).toEqual([]);
  expect(failed?.evidence?.[0]?.columns.slice(0, 3)).toEqual([
    ...['day', 'customers in the source', 'customers in the target'],
  ]);
  expect(failed?.evidence?.[0]?.rows.map((row) => row.slice(0, 3))).toEqual([
    ['2026-06-09', '40', '1'],
    ['2027-01-01', 'no such bucket', '0'],
  ]);
});

test('a sum that is wrong by a cent fails, and rows of zeros may vanish', async () => {
  await make(SUMS);
  await everywhere(`INSERT INTO sums.target VALUES ('2030-01-01', NULL, 0, 0, 0)`);
  expect(await failures(SUMS)).toEqual([]);
  await on('clickhouse-01', `INSERT INTO sums.target VALUES ('2026-06-02', '1', 0, 0, 0.01)`);
  expect(await failures(SUMS)).toMatchObject([
    {
      node: 'clickhouse-01',
      observed: expect.stringMatching(
        /^1 of 7 buckets differs, the first: toMonday\(day\) 2026-06-01, kind 1, sum\(amount\) in the source /,
      ),
    },
  ]);
});

test('replaced rows are compared by their keys and last versions, collapsed ones by their signs', async () => {
  const replaced: Made = {
    target:
      '(day Date, id UInt64, price Float64) ENGINE = ReplacingMergeTree(price) ORDER BY (day, id)',
    select: 'SELECT day, id, price FROM sales.orders',
  };
  await make(replaced);
  await damage('clickhouse-01', 'OPTIMIZE TABLE sums.target FINAL');
  expect(await said(replaced)).toEqual([
    'passed: 10 buckets alike in keys, hash of keys, max(price)',
  ]);
  await damage(
    'clickhouse-02',
    'ALTER TABLE sums.target DELETE WHERE id = 7 SETTINGS mutations_sync = 1',
  );
  expect(await failures(replaced)).toMatchObject([{ node: 'clickhouse-02', status: 'failed' }]);
  const collapsed: Made = {
    rows: [orders(10, 30)],
    target: '(day Date, id UInt64, sign Int8) ENGINE = CollapsingMergeTree(sign) ORDER BY id',
    select:
      'SELECT day, id, toInt8(if(number = 0, 1, -1)) AS sign FROM sales.orders ARRAY JOIN [0, 1, 0] AS number',
  };
  await make(collapsed);
  await damage('clickhouse-01', 'OPTIMIZE TABLE sums.target FINAL');
  expect((await said(collapsed))[0]).toMatch(/^passed: 10 buckets alike in rows, hash of day/);
});

test('rows are read where projections of source and target would answer', async () => {
  await make(COPIES);
  const client = own.cluster.node('clickhouse-01');
  for (const table of ['sales.orders', 'sums.target']) {
    await client.command(
      `ALTER TABLE ${table} ADD PROJECTION noted (SELECT day, count() GROUP BY day)`,
    );
    await client.command(`INSERT INTO ${table} (day, price) VALUES ('2026-06-01', -1)`);
  }
  const [failed, ...others] = await failures({
    ...COPIES,
    says: 'bucket: day\n    aggregates: { day: count, id: none, price: none, loaded: none }',
  });
  expect(others).toEqual([]);
  const plan = await client.query(`EXPLAIN projections = 1 ${failed?.sql?.[0]}`, planRow);
  const text = plan.map(({ explain }) => explain).join('\n');
  expect(text).toContain('ReadFromMergeTree (sums.target)');
  expect(text).not.toContain('noted');
  const allowed = `${failed?.sql?.[0]} SETTINGS optimize_use_projections = 1`;
  const short = await client.query(`EXPLAIN ${allowed}`, planRow);
  expect(short.map(({ explain }) => explain).join()).toContain('noted');
});

test('what is not known to add up is said, and compared as the contract states', async () => {
  const plain: Made = {
    target:
      '(day Date, n UInt64, last AggregateFunction(argMax, Float64, UInt64)) ENGINE = MergeTree ORDER BY day',
    select:
      'SELECT day, count() AS n, argMaxState(price, id) AS last FROM sales.orders GROUP BY day',
  };
  await make(plain);
  expect((await look(plain))[0]).toMatchObject({
    status: 'skipped',
    observed: 'no column is known to add up: n, last',
    reason: expect.stringContaining('{ n: sum }'),
  });
  const stated = { ...plain, says: 'bucket: day\n    aggregates: { n: sum }' };
  expect(await said(stated)).toEqual([
    'passed: 10 buckets alike in sum(n)',
    'skipped: not compared: last',
  ]);
  await everywhere(`INSERT INTO sums.target (day, n) VALUES ('2026-06-01', 1)`);
  expect(await failures(stated)).toHaveLength(5);
  const all = { ...plain, says: `bucket: day\n    aggregates: { n: none, last: argMaxMerge }` };
  expect(await said(all)).toEqual(['passed: 10 buckets alike in argMaxMerge(last)']);
});

test('a view in another database than its tables, which it joins and names without it, passes', async () => {
  await everywhere(
    'DROP TABLE IF EXISTS sales.view',
    'DROP TABLE IF EXISTS sales.names',
    'CREATE TABLE sales.names (customer UInt64, name String) ENGINE = MergeTree ORDER BY customer',
    `INSERT INTO sales.names SELECT number, concat('n', toString(number)) FROM numbers(90)`,
  );
  const joined: Made = {
    target: `(month LowCardinality(String), name LowCardinality(String), n UInt32, share Float32)
      ENGINE = SummingMergeTree ORDER BY (month, name)`,
    select: `WITH toStartOfMonth(day) AS first SELECT toString(first) AS month, names.name AS name, count() AS n,
      sum(price / 100) AS share FROM orders LEFT JOIN names ON names.customer = orders.customer
      WHERE amount > 3 GROUP BY month, name`,
    says: "bucket: [month, name]\n    where: name != ''",
  };
  // The tables are made with a view that is not looked at.
  await make({
    ...joined,
    select: 'SELECT toString(day) AS month FROM sales.orders WHERE 0',
    rows: [],
  });
  await Promise.all(
    own.cluster.nodes.map(async ({ node }) => {
      const create = joined.select.replace(
        'FROM orders LEFT JOIN names',
        'FROM sales.orders AS orders LEFT JOIN sales.names AS names',
      );
      await on(
        node.name,
        'DROP TABLE sums.view',
        `CREATE MATERIALIZED VIEW sales.view TO sums.target AS ${create}`,
        ...[30, 40].map((perDay) => `INSERT INTO sales.orders ${orders(10, perDay)}`),
      );
    }),
  );
  const context = contextOf(joined);
  const views = context.contract.views.map((view) => ({ ...view, database: 'sales' }));
  const judged = { ...context, contract: { ...context.contract, views } };
  const { findings } = await runCheck(materializedViews, judged);
  expect(findings.map(({ status, observed }) => `${status}: ${observed}`)).toEqual(
    own.cluster.nodes.map(() => 'passed: 90 buckets alike in sum(n), sum(share)'),
  );
  await damage('clickhouse-04', 'TRUNCATE TABLE sums.target');
  const { findings: after } = await runCheck(materializedViews, judged);
  expect(after[3]?.observed).toMatch(
    /^90 of 90 buckets differ, the first: month 2026-06-01, name n0, sum\(n\) in the source \d+, sum\(n\) in the target 0, /,
  );
  await everywhere('DROP TABLE sales.view');
});

test('what cannot be compared is skipped with the reason', async () => {
  const skipped = async (made: Made) => (await said(made)).join();
  await make({ ...SUMS, source: 'ReplacingMergeTree ORDER BY id' });
  expect(await skipped(SUMS)).toMatch(/^skipped: sales.orders is of the engine ReplacingMergeTree/);
  await make({ ...SUMS, source: 'Null' });
  expect(await skipped(SUMS)).toMatch(/^skipped: sales.orders is of the engine Null, which keeps/);
  const distributed =
    '(day Date, kind Nullable(String), n UInt64, price Float64, amount Decimal(18, 2)) ENGINE = Distributed(dwh_test, sales, nowhere)';
  await make({ ...SUMS, target: distributed, rows: [] });
  expect(await skipped(SUMS)).toMatch(/^skipped: sums.target is of the engine Distributed/);
  await make(SUMS);
  await everywhere(
    `CREATE MATERIALIZED VIEW sums.other TO sums.target AS SELECT day, count() AS n FROM sales.orders GROUP BY day`,
  );
  expect(await skipped(SUMS)).toMatch(/^skipped: sums.target is filled by sums.other as well$/);
  expect(await skipped({ ...SUMS, says: `bucket: day\n    where: kind IS NOT NULL` })).toMatch(
    /^passed/,
  );
  expect(await skipped({ ...SUMS, says: `bucket: day\n    where: n > 3` })).toMatch(
    /^skipped: merging leaves one of several values in n$/,
  );
  await everywhere(
    'DROP TABLE sums.other',
    'DROP TABLE sums.view',
    `CREATE MATERIALIZED VIEW sums.view REFRESH EVERY 1 YEAR TO sums.target AS ${SUMS.select}`,
  );
  expect(await skipped(SUMS)).toMatch(/^skipped: a view that is refreshed, not filled/);
  await everywhere('DROP TABLE sums.view');
  expect(await skipped(SUMS)).toMatch(/^skipped: no view view$/);
  expect(await skipped({ ...SUMS, says: 'columns: {}' })).toBe('skipped: no bucket is stated');
});

test('an expression that the server refuses is inconclusive, and no view is no fault', async () => {
  await make(SUMS);
  expect((await look({ ...SUMS, says: 'bucket: toMonth(dya)' }))[0]?.status).toBe('inconclusive');
  const { status, findings } = await runCheck(materializedViews, own.context());
  expect([status, findings[0]?.observed]).toEqual([
    'passed',
    'no materialized view in the contract',
  ]);
});

test('empty tables warn, and rows on their way pass within the time to settle', async () => {
  await make(COPIES);
  await everywhere('TRUNCATE TABLE sums.target');
  const late = repairedAfter(contextOf(COPIES, 30), 'clickhouse-02', /AS different/, () =>
    everywhere(`INSERT INTO sums.target (day, id, price, loaded) ${COPIES.select}`).then(
      () => undefined,
    ),
  );
  expect((await runCheck(materializedViews, late)).status).toBe('passed');
  await everywhere('TRUNCATE TABLE sums.target', 'TRUNCATE TABLE sales.orders');
  expect(await said(COPIES)).toEqual([expect.stringMatching(/^warned: 0 buckets alike/)]);
});
