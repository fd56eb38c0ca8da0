import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import {
  COPIES,
  orders,
  startFilledViewCluster,
  type FilledTable,
  type FilledViewCluster,
} from '../../test/filled-view-cluster.ts';
import { runCheck } from '../check-run.ts';
import { materializedViews } from '../checks/materialized-views.ts';

const planRow = z.object({ explain: z.string() });

let views: FilledViewCluster;
beforeAll(async () => {
  views = await startFilledViewCluster();
});
afterAll(() => views?.[Symbol.asyncDispose]());

test('sums of floating-point numbers that come to nearly nothing pass', async () => {
  const nets: FilledTable = {
    target: `(day Date, net AggregateFunction(sum, Float64), count AggregateFunction(count))
      ENGINE = AggregatingMergeTree ORDER BY day`,
    select: `SELECT day, sumState(price * if(day = '2026-06-01', 1e9, factor)) AS net, countState() AS count
      FROM sales.orders ARRAY JOIN [1e9, 3e8, -1e9, -3e8] AS factor GROUP BY day`,
  };
  await views.make(nets);
  await views.everywhere(`INSERT INTO sales.orders ${orders(10, 50)}`);
  expect(await views.said(nets)).toEqual(['passed: 10 buckets alike in net, count']);
  await views.damage(
    'clickhouse-01',
    `ALTER TABLE sums.target UPDATE net = arrayReduce('sumState', [5.]) WHERE day = '2026-06-02' SETTINGS mutations_sync = 1`,
  );
  expect(await views.failures(nets)).toMatchObject([{ node: 'clickhouse-01', status: 'failed' }]);
});

test('values that the target holds in other types, with less room, pass as it has them', async () => {
  const converted: FilledTable = {
    target: `(day String, kind String, id Int8, price Decimal(9, 1), customer LowCardinality(String),
      state AggregateFunction(sum, UInt64)) ENGINE = MergeTree ORDER BY id`,
    select: `SELECT day, coalesce(kind, toNullable('')) AS kind, id, price, customer, arrayReduce('sumState', [toUInt64(amount)]) AS state FROM sales.orders`,
    says: 'bucket: toDate(day)',
  };
  await views.make(converted);
  expect(await views.said(converted)).toEqual([
    'passed: 10 buckets alike in rows, hash of day, hash of kind, hash of id, hash of price, hash of customer, state',
  ]);
});

test('replaced rows are compared by their keys and last versions, collapsed ones by their signs', async () => {
  const replaced: FilledTable = {
    target:
      '(day Date, id UInt64, price Float64) ENGINE = ReplacingMergeTree(price) ORDER BY (day, id)',
    select: 'SELECT day, id, price FROM sales.orders',
  };
  await views.make(replaced);
  await views.damage('clickhouse-01', 'OPTIMIZE TABLE sums.target FINAL');
  expect(await views.said(replaced)).toEqual([
    'passed: 10 buckets alike in keys, hash of keys, max(price)',
  ]);
  await views.damage(
    'clickhouse-02',
    'ALTER TABLE sums.target DELETE WHERE id = 7 SETTINGS mutations_sync = 1',
  );
  expect(await views.failures(replaced)).toMatchObject([
    { node: 'clickhouse-02', status: 'failed' },
  ]);
  const collapsed: FilledTable = {
    rows: [orders(10, 30)],
    target: '(day Date, id UInt64, sign Int8) ENGINE = CollapsingMergeTree(sign) ORDER BY id',
    select:
      'SELECT day, id, toInt8(if(number = 0, 1, -1)) AS sign FROM sales.orders ARRAY JOIN [0, 1, 0] AS number',
  };
  await views.make(collapsed);
  await views.damage('clickhouse-01', 'OPTIMIZE TABLE sums.target FINAL');
  expect((await views.said(collapsed))[0]).toMatch(
    /^passed: 10 buckets alike in rows, hash of day/,
  );
});

test('rows are read where projections of source and target would answer', async () => {
  await views.make(COPIES);
  const client = views.own.cluster.node('clickhouse-01');
  for (const table of ['sales.orders', 'sums.target']) {
    await client.command(
      `ALTER TABLE ${table} ADD PROJECTION noted (SELECT day, count() GROUP BY day)`,
    );
    await client.command(`INSERT INTO ${table} (day, price) VALUES ('2026-06-01', -1)`);
  }
  const [failed, ...others] = await views.failures({
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

test('a view in another database than its tables, which it joins and names without it, passes', async () => {
  await views.everywhere(
    'DROP TABLE IF EXISTS sales.view',
    'DROP TABLE IF EXISTS sales.names',
    'CREATE TABLE sales.names (customer UInt64, name String) ENGINE = MergeTree ORDER BY customer',
    `INSERT INTO sales.names SELECT number, concat('n', toString(number)) FROM numbers(90)`,
  );
  const joined: FilledTable = {
    target: `(month LowCardinality(String), name LowCardinality(String), n UInt32, share Float32)
      ENGINE = SummingMergeTree ORDER BY (month, name)`,
    select: `WITH toStartOfMonth(day) AS first SELECT toString(first) AS month, names.name AS name, count() AS n,
      sum(price / 100) AS share FROM orders LEFT JOIN names ON names.customer = orders.customer
      WHERE amount > 3 GROUP BY month, name`,
    says: "bucket: [month, name]\n    where: name != ''",
  };
  // The tables are made with a view that is not looked at.
  await views.make({
    ...joined,
    select: 'SELECT toString(day) AS month FROM sales.orders WHERE 0',
    rows: [],
  });
  await Promise.all(
    views.own.cluster.nodes.map(async ({ node }) => {
      const create = joined.select.replace(
        'FROM orders LEFT JOIN names',
        'FROM sales.orders AS orders LEFT JOIN sales.names AS names',
      );
      await views.on(
        node.name,
        'DROP TABLE sums.view',
        `CREATE MATERIALIZED VIEW sales.view TO sums.target AS ${create}`,
        ...[30, 40].map((perDay) => `INSERT INTO sales.orders ${orders(10, perDay)}`),
      );
    }),
  );
  const context = views.contextOf(joined);
  const inSales = context.contract.views.map((view) => ({ ...view, database: 'sales' }));
  const judged = { ...context, contract: { ...context.contract, views: inSales } };
  const { findings } = await runCheck(materializedViews, judged);
  expect(findings.map(({ status, observed }) => `${status}: ${observed}`)).toEqual(
    views.own.cluster.nodes.map(() => 'passed: 90 buckets alike in sum(n), sum(share)'),
  );
  await views.damage('clickhouse-04', 'TRUNCATE TABLE sums.target');
  const { findings: after } = await runCheck(materializedViews, judged);
  expect(after[3]?.observed).toMatch(
    /^90 of 90 buckets differ, the first: month 2026-06-01, name n0, sum\(n\) in the source \d+, sum\(n\) in the target 0, /,
  );
  await views.everywhere('DROP TABLE sales.view');
});
