import { afterAll, beforeAll, expect, test } from 'vitest';
import { repairedAfter } from '../../test/changed-context.ts';
import {
  COPIES,
  startFilledViewCluster,
  STATES,
  SUMS,
  type FilledTable,
  type FilledViewCluster,
} from '../../test/filled-view-cluster.ts';
import { runCheck } from '../check-run.ts';
import { materializedViews } from './materialized-views.ts';

let views: FilledViewCluster;
beforeAll(async () => {
  views = await startFilledViewCluster();
});
afterAll(() => views?.[Symbol.asyncDispose]());

test('a target of states passes, merged or not, and floating-point sums in whatever order', async () => {
  await views.make(STATES);
  await views.damage('clickhouse-03', 'OPTIMIZE TABLE sums.target FINAL');
  expect(await views.said(STATES)).toEqual([
    'passed: 10 buckets alike in customers, mean, levels, big, total, dearest, kinds',
  ]);
});

test('sums that are not merged yet pass, by several expressions of which one is NULL', async () => {
  await views.make(SUMS);
  expect(await views.said(SUMS)).toEqual([
    'passed: 7 buckets alike in sum(n), sum(price), sum(amount)',
  ]);
});

test('rows that a view copies pass as the types of the target have them', async () => {
  await views.make(COPIES);
  expect(await views.said(COPIES)).toEqual([
    'passed: 10 buckets alike in rows, hash of day, hash of id, hash of price',
  ]);
});

test('rows that the target has lost on every node fail, with the bucket', async () => {
  await views.make(COPIES);
  await views.everywhere(
    'SYSTEM START MERGES sums.target',
    `ALTER TABLE sums.target DELETE WHERE day = '2026-06-04' AND id % 3 = 0 SETTINGS mutations_sync = 1`,
  );
  const findings = await views.failures(COPIES);
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
  await views.make(STATES);
  await views.on(
    'clickhouse-02',
    'DETACH TABLE sums.view',
    `INSERT INTO sales.orders SELECT '2026-06-03', 5, 5, 'a', 2.5, 7`,
    `INSERT INTO sales.orders SELECT '2026-07-01', 5, 5, 'a', 2.5, 7`,
    'ATTACH TABLE sums.view',
  );
  const [failed, ...others] = await views.failures(STATES);
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
  await views.make(STATES);
  await views.damage(
    'clickhouse-04',
    `ALTER TABLE sums.target UPDATE customers = (SELECT uniqState(toUInt64(1))) WHERE day = '2026-06-09' SETTINGS mutations_sync = 1`,
    `INSERT INTO sums.target (day, total) VALUES ('2027-01-01', 0)`,
  );
  const [failed, ...others] = await views.failures(STATES);
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
  await views.make(SUMS);
  await views.everywhere(`INSERT INTO sums.target VALUES ('2030-01-01', NULL, 0, 0, 0)`);
  expect(await views.failures(SUMS)).toEqual([]);
  await views.on('clickhouse-01', `INSERT INTO sums.target VALUES ('2026-06-02', '1', 0, 0, 0.01)`);
  expect(await views.failures(SUMS)).toMatchObject([
    {
      node: 'clickhouse-01',
      observed: expect.stringMatching(
        /^1 of 7 buckets differs, the first: toMonday\(day\) 2026-06-01, kind 1, sum\(amount\) in the source /,
      ),
    },
  ]);
});

test('what is not known to add up is said, and compared as the contract states', async () => {
  const plain: FilledTable = {
    target:
      '(day Date, n UInt64, last AggregateFunction(argMax, Float64, UInt64)) ENGINE = MergeTree ORDER BY day',
    select:
      'SELECT day, count() AS n, argMaxState(price, id) AS last FROM sales.orders GROUP BY day',
  };
  await views.make(plain);
  expect((await views.look(plain))[0]).toMatchObject({
    status: 'skipped',
    observed: 'no column is known to add up: n, last',
    reason: expect.stringContaining('{ n: sum }'),
  });
  const stated = { ...plain, says: 'bucket: day\n    aggregates: { n: sum }' };
  expect(await views.said(stated)).toEqual([
    'passed: 10 buckets alike in sum(n)',
    'skipped: not compared: last',
  ]);
  await views.everywhere(`INSERT INTO sums.target (day, n) VALUES ('2026-06-01', 1)`);
  expect(await views.failures(stated)).toHaveLength(5);
  const all = { ...plain, says: `bucket: day\n    aggregates: { n: none, last: argMaxMerge }` };
  expect(await views.said(all)).toEqual(['passed: 10 buckets alike in argMaxMerge(last)']);
});

test('what cannot be compared is skipped with the reason', async () => {
  const skipped = async (made: FilledTable) => (await views.said(made)).join();
  await views.make({ ...SUMS, source: 'ReplacingMergeTree ORDER BY id' });
  expect(await skipped(SUMS)).toMatch(/^skipped: sales.orders is of the engine ReplacingMergeTree/);
  await views.make({ ...SUMS, source: 'Null' });
  expect(await skipped(SUMS)).toMatch(/^skipped: sales.orders is of the engine Null, which keeps/);
  const distributed =
    '(day Date, kind Nullable(String), n UInt64, price Float64, amount Decimal(18, 2)) ENGINE = Distributed(dwh_test, sales, nowhere)';
  await views.make({ ...SUMS, target: distributed, rows: [] });
  expect(await skipped(SUMS)).toMatch(/^skipped: sums.target is of the engine Distributed/);
  await views.make(SUMS);
  await views.everywhere(
    `CREATE MATERIALIZED VIEW sums.other TO sums.target AS SELECT day, count() AS n FROM sales.orders GROUP BY day`,
  );
  expect(await skipped(SUMS)).toMatch(/^skipped: sums.target is filled by sums.other as well$/);
  expect(await skipped({ ...SUMS, says: `bucket: day\n    where: kind IS NOT NULL` })).toMatch(
    /^passed/,
  );
  expect(await skipped({ ...SUMS, says: `bucket: day\n    where: n > 3` })).toMatch(
    /^skipped: merging leaves one of several values in n$/,
  );
  await views.everywhere(
    'DROP TABLE sums.other',
    'DROP TABLE sums.view',
    `CREATE MATERIALIZED VIEW sums.view REFRESH EVERY 1 YEAR TO sums.target AS ${SUMS.select}`,
  );
  expect(await skipped(SUMS)).toMatch(/^skipped: a view that is refreshed, not filled/);
  await views.everywhere('DROP TABLE sums.view');
  expect(await skipped(SUMS)).toMatch(/^skipped: no view view$/);
  expect(await skipped({ ...SUMS, says: 'columns: {}' })).toBe('skipped: no bucket is stated');
});

test('an expression that the server refuses is inconclusive, and no view is no fault', async () => {
  await views.make(SUMS);
  expect((await views.look({ ...SUMS, says: 'bucket: toMonth(dya)' }))[0]?.status).toBe(
    'inconclusive',
  );
  const { status, findings } = await runCheck(materializedViews, views.own.context());
  expect([status, findings[0]?.observed]).toEqual([
    'passed',
    'no materialized view in the contract',
  ]);
});

test('empty tables warn, and rows on their way pass within the time to settle', async () => {
  await views.make(COPIES);
  await views.everywhere('TRUNCATE TABLE sums.target');
  const late = repairedAfter(views.contextOf(COPIES, 30), 'clickhouse-02', /AS different/, () =>
    views
      .everywhere(`INSERT INTO sums.target (day, id, price, loaded) ${COPIES.select}`)
      .then(() => undefined),
  );
  expect((await runCheck(materializedViews, late)).status).toBe('passed');
  await views.everywhere('TRUNCATE TABLE sums.target', 'TRUNCATE TABLE sales.orders');
  expect(await views.said(COPIES)).toEqual([expect.stringMatching(/^warned: 0 buckets alike/)]);
});
