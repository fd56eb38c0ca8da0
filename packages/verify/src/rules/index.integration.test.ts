import { afterAll, beforeAll, expect, test } from 'vitest';
import { DISTRIBUTED, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { withRules, withRulesOf } from '../../test/rule-context.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { valueRules } from '../checks/value-rules.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';

const ROWS = 1000;
const TABLE = 'hw16_demo_products_local';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load(ROWS);
  await everywhere(
    `CREATE TABLE otus_default.categories (name String) ENGINE = MergeTree ORDER BY name`,
    `INSERT INTO otus_default.categories VALUES ('Electronics'), ('Books'), ('Clothing'), ('Home')`,
  );
});
afterAll(() => own?.[Symbol.asyncDispose]());

const everywhere = async (...statements: string[]): Promise<void> => {
  for (const statement of statements) {
    await Promise.all(own.cluster.nodes.map(({ command }) => command(statement)));
  }
};

const look = async (context: ClusterContext) => {
  const { findings } = await runCheck(valueRules, context);
  return findings.filter(({ subject }) => !subject?.endsWith(', content'));
};

/** Rules that the rows keep. */
const SOUND = [
  { rule: 'sequence', column: 'id', from: 1, to: '$rows' },
  {
    rule: 'set',
    column: 'category',
    values: ['Electronics', 'Books', 'Clothing', 'Home', 'Sports'],
  },
  { rule: 'range', column: 'price', min: 10 },
  { rule: 'range', column: 'price', max: 1000 },
  { rule: 'period', column: 'created_at', days: 365, until: '$as_of' },
  { rule: 'notNull', column: 'name' },
  { rule: 'unique', columns: ['id'] },
  { rule: 'unique', columns: ['name', 'id'] },
  { rule: 'regex', column: 'name', pattern: String.raw`^Product \d+$` },
  { rule: 'length', column: 'name', min: 9, max: 12 },
  { rule: 'reference', column: 'id', table: TABLE, key: 'id' },
  {
    rule: 'reference',
    column: 'category',
    table: 'otus_default.categories',
    key: 'name',
    where: "category != 'Sports'",
  },
  { rule: 'rowCount', min: '$rows', max: '$rows' },
  { rule: 'rowCount', max: 400, where: "category = 'Books'" },
  { rule: 'freshness', column: 'created_at', within: '5000 weeks' },
  { rule: 'aggregate', function: 'sum', column: 'id', min: 500500, max: 500500 },
  { rule: 'aggregate', function: 'average', column: 'id', min: 500.5, max: 500.5 },
  { rule: 'aggregate', function: 'min', column: 'id', min: 1, max: 1 },
  { rule: 'aggregate', function: 'deviation', column: 'price', min: 100, max: 500 },
  { rule: 'aggregate', function: 'quantile', level: 0.9, column: 'id', min: 899, max: 902 },
  { rule: 'aggregate', function: 'median', column: 'price', min: 300, max: 700 },
  { rule: 'aggregate', function: 'distinct', column: 'category', min: 5, max: 5 },
  { rule: 'monotonic', column: 'id', by: 'id', strict: true },
  { rule: 'monotonic', column: 'id', by: 'id', groupBy: ['category'] },
  { rule: 'sql', query: `SELECT id FROM ${DISTRIBUTED} WHERE price < 10 -- none` },
  { rule: 'sql', query: `SELECT count() FROM ${DISTRIBUTED}`, min: 1, max: '$rows' },
  { rule: 'equal', left: `SELECT count() FROM ${DISTRIBUTED}`, right: `SELECT toInt32(${ROWS})` },
  {
    rule: 'equal',
    left: `SELECT category, count() FROM ${DISTRIBUTED} GROUP BY category`,
    right: `SELECT category, toUInt16(sum(1)) FROM ${DISTRIBUTED} GROUP BY category`,
  },
];

test('rows that keep every rule pass, on each node or once', async () => {
  const findings = await look(withRulesOf(own.context(ROWS), SOUND));
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  // Nine rules of rows on four nodes each, and nineteen rules of the whole table.
  expect(findings).toHaveLength(9 * 4 + 19);
});

test.each([
  [
    { rule: 'sequence', column: 'id', from: 2, to: '$rows' },
    /^1000 rows, 999 different numbers and 1 others from 1 to 1000$/,
    'Rows with other numbers',
  ],
  [
    { rule: 'set', column: 'category', values: ['Books'] },
    /^\d+ of \d+ rows break it$/,
    /^Rows on clickhouse-0/,
  ],
  [
    { rule: 'unique', columns: ['category'] },
    /^1000 rows, 5 different keys$/,
    'Keys that occur more than once',
  ],
  [{ rule: 'regex', column: 'name', pattern: '0$' }, /rows break it$/, /^Rows on/],
  [{ rule: 'length', column: 'name', max: 9 }, /rows break it; 9 … 1[12]$/, /^Rows on/],
  [
    { rule: 'reference', column: 'category', table: 'categories', key: 'name' },
    /rows break it$/,
    /^Rows on/,
  ],
  [{ rule: 'rowCount', min: 1001 }, /^1000 rows$/, undefined],
  [
    { rule: 'freshness', column: 'created_at', within: '1 second', where: 'id < 10' },
    /^the newest is of 202\d-/,
    undefined,
  ],
  [
    { rule: 'aggregate', function: 'sum', column: 'id', max: 500499 },
    /^sum 500500 of 1000 values$/,
    undefined,
  ],
  [
    { rule: 'aggregate', function: 'distinct', column: 'category', min: 6 },
    /^distinct 5 of 1000 values$/,
    undefined,
  ],
  [
    { rule: 'monotonic', column: 'price', by: 'id' },
    /^\d+ of 1000 rows break it$/,
    'Rows that go back, with the value before',
  ],
  [
    { rule: 'monotonic', column: 'id', by: 'id', order: 'decreasing' },
    /^999 of 1000 rows break it$/,
    'Rows that go back, with the value before',
  ],
  [
    {
      rule: 'sql',
      title: 'no first rows',
      query: `SELECT id, name FROM ${DISTRIBUTED} WHERE id <= 3`,
    },
    /^3 rows$/,
    'Rows that break the rule',
  ],
  [
    { rule: 'sql', query: `SELECT max(id) FROM ${DISTRIBUTED}`, max: 999 },
    /^1000$/,
    'What the query gives',
  ],
  [
    { rule: 'equal', left: `SELECT 1, 'a'`, right: `SELECT 1, 'b'` },
    /^2 of 2 rows are in one of them only$/,
    'Rows of one query only: left above 0, right below',
  ],
] as const)('%j: what breaks it is found and shown', async (rule, observed, title) => {
  const findings = await look(withRulesOf(own.context(ROWS), [...SOUND, rule]));
  const failed = findings.filter(({ status }) => status !== 'passed');
  expect(failed.length).toBeGreaterThan(0);
  for (const finding of failed) {
    expect(finding).toMatchObject({ status: 'failed', observed: expect.stringMatching(observed) });
    expect(finding.sql?.length).toBeGreaterThan(0);
    const [shown] = finding.evidence ?? [];
    if (title === undefined) expect(shown).toBeUndefined();
    else expect(shown).toMatchObject({ title: expect.stringMatching(title) });
    if (shown !== undefined) expect(shown.rows.length).toBeGreaterThan(0);
  }
});

test('thresholds in rows and in percent decide between passed, warned and failed', async () => {
  // 100 of 1000 ids are at most 100, a tenth or so on each node.
  const rule = { rule: 'range', column: 'id', min: 101 };
  const statuses = async (thresholds: object): Promise<string[]> => {
    const findings = await look(withRulesOf(own.context(ROWS), [{ ...rule, ...thresholds }]));
    return [...new Set(findings.map(({ status }) => status))];
  };
  expect(await statuses({ fail: '20%' })).toEqual(['passed']);
  expect(await statuses({ warn: '1%', fail: '20 %' })).toEqual(['warned']);
  expect(await statuses({ warn: 1, fail: 5 })).toEqual(['failed']);
  expect(await statuses({ warn: 1 })).toEqual(['warned']);
});

test('a rule whose SQL is wrong is inconclusive alone', async () => {
  const wrong = { rule: 'range', column: 'price', min: 0, where: 'no_such_column > 1' };
  const findings = await look(withRulesOf(own.context(ROWS), [...SOUND, wrong]));
  const others = findings.filter(({ status }) => status !== 'passed');
  expect(others).toHaveLength(4);
  for (const finding of others) {
    expect(finding).toMatchObject({
      status: 'inconclusive',
      observed: expect.stringContaining('no_such_column'),
    });
  }
});

test('rules of rows read the rows of a node once, rules of the whole table once in all', async () => {
  const asked: string[] = [];
  const context = withRulesOf(own.context(ROWS), SOUND);
  const observed = (client: NodeClient): NodeClient => ({
    ...client,
    query(sql, row, withinMs) {
      asked.push(sql);
      return client.query(sql, row, withinMs);
    },
  });
  const nodes = context.cluster.nodes.map(observed);
  await look({ ...context, cluster: { ...context.cluster, nodes } });
  expect(asked.filter((sql) => sql.includes('_broken'))).toHaveLength(4);
  // One for the table, and one for each query of monotonic, sql and equal.
  expect(asked.filter((sql) => sql.includes('_facts'))).toHaveLength(1 + 6);
});

test('a parameter that is not known leaves a rule inconclusive, or skipped where it is optional', async () => {
  const context = { ...own.context(ROWS), parameters: {} };
  const rule = { rule: 'range', column: 'price', max: '$most' };
  const findings = await look(
    withRulesOf(context, [rule, { ...rule, optional: true, title: 'optional' }]),
  );
  expect(findings).toMatchObject([
    { status: 'inconclusive', reason: expect.stringContaining('--parameter most=') },
    { status: 'skipped', subject: `${TABLE}, optional` },
  ]);
});

test('numbers beyond 2^53 are exact', async () => {
  await everywhere('CREATE TABLE otus_default.t_ids (id UInt64) ENGINE = MergeTree ORDER BY id');
  await own.cluster
    .node('clickhouse-01')
    .command('INSERT INTO otus_default.t_ids SELECT 9007199254740993 + number FROM numbers(1000)');
  const table = { name: 't_ids', columns: { id: 'UInt64' }, exactColumns: true };
  const rules = (from: bigint, to: bigint) => [{ rule: 'sequence', column: 'id', from, to }];
  const judge = async (from: bigint, to: bigint) => {
    const context = withRules(own.context(), { ...table, rules: rules(from, to) });
    return look(context);
  };
  expect(await judge(9007199254740993n, 9007199254741992n)).toMatchObject([{ status: 'passed' }]);
  expect(await judge(9007199254740992n, 9007199254741992n)).toMatchObject([
    { status: 'failed', evidence: [{ rows: [['9007199254740992']] }] },
  ]);
  expect(await judge(9007199254740993n, 9007199254741993n)).toMatchObject([
    { status: 'failed', evidence: [{ rows: [['9007199254741993']] }] },
  ]);
});

test('a column of NULLs keeps a range and a period; notNull and a column that may not be NULL do not', async () => {
  await everywhere(
    `CREATE TABLE otus_default.t_nulls (id UInt64, price Nullable(Float64), ts Nullable(DateTime))
     ENGINE = MergeTree ORDER BY id`,
    'INSERT INTO otus_default.t_nulls SELECT number, NULL, NULL FROM numbers(300)',
  );
  const rules = [
    { rule: 'range', column: 'price', min: 1, max: 2 },
    { rule: 'period', column: 'ts', days: 3, until: '2026-06-15' },
    { rule: 'set', column: 'price', values: [1] },
  ];
  const types = { id: 'UInt64', price: 'Nullable(Float64)', ts: 'Nullable(DateTime)' };
  const table = { name: 't_nulls', orderBy: 'id' };
  const statuses = async (columns: Record<string, string>, more: unknown[] = []) => {
    const findings = await look(
      withRules(own.context(), { ...table, columns, rules: [...rules, ...more] }),
    );
    return findings.filter(({ node }) => node === 'clickhouse-01').map(({ status }) => status);
  };
  expect(await statuses(types)).toEqual(['passed', 'passed', 'passed']);
  const notNull = { rule: 'notNull', column: 'price' };
  expect(await statuses(types, [notNull])).toEqual(['passed', 'passed', 'passed', 'failed']);
  expect(await statuses({ ...types, price: 'Float64' })).toEqual(['failed', 'passed', 'failed']);
  const average = { rule: 'aggregate', function: 'average', column: 'price', min: 0 };
  const [finding] = await look(withRules(own.context(), { ...table, rules: [average] }));
  expect(finding?.status).toBe('inconclusive');
});

test('booleans of YAML are values of Bool', async () => {
  await everywhere(
    'CREATE TABLE otus_default.t_bool (id UInt64, b Bool) ENGINE = MergeTree ORDER BY id',
    'INSERT INTO otus_default.t_bool SELECT number, number % 2 FROM numbers(10)',
  );
  const judge = async (values: boolean[]) => {
    const rules = [{ rule: 'set', column: 'b', values }];
    const findings = await look(withRules(own.context(), { name: 't_bool', rules }));
    return new Set(findings.map(({ status }) => status));
  };
  expect(await judge([true, false])).toEqual(new Set(['passed']));
  expect(await judge([true])).toEqual(new Set(['failed']));
});

test('rows of an engine that merges them are judged merged, unless the rule says otherwise', async () => {
  await everywhere(
    `CREATE TABLE otus_default.t_replacing (id UInt64, v String, ver UInt64)
     ENGINE = ReplacingMergeTree(ver) ORDER BY id`,
    "INSERT INTO otus_default.t_replacing SELECT number, 'old', 1 FROM numbers(100)",
    "INSERT INTO otus_default.t_replacing SELECT number, 'new', 2 FROM numbers(100)",
  );
  const set = { rule: 'set', column: 'v', values: ['new'] };
  const count = { rule: 'rowCount', min: 200, max: 200 };
  const findings = await look(
    withRules(own.context(), {
      name: 't_replacing',
      rules: [
        set,
        { ...set, title: 'unmerged', final: false },
        count,
        { ...count, final: false, title: 'all' },
      ],
    }),
  );
  const statusOf = (subject: string) =>
    new Set(findings.filter((found) => found.subject === subject).map(({ status }) => status));
  expect(statusOf('t_replacing.v, set')).toEqual(new Set(['passed']));
  expect(statusOf('t_replacing, unmerged')).toEqual(new Set(['failed']));
  expect(statusOf('t_replacing, rowCount')).toEqual(new Set(['passed']));
  expect(statusOf('t_replacing, all')).toEqual(new Set(['failed']));
});

test('a table in another database is judged there', async () => {
  await everywhere(
    'CREATE DATABASE IF NOT EXISTS other',
    `CREATE TABLE other.things (id UInt64) ENGINE = MergeTree ORDER BY id`,
    'INSERT INTO other.things SELECT number FROM numbers(10)',
  );
  const rules = [
    { rule: 'range', column: 'id', max: 9 },
    { rule: 'rowCount', min: 20, max: 20 },
  ];
  const findings = await look(
    withRules(own.context(), { name: 'things', database: 'other', rules }),
  );
  expect(findings.map(({ status }) => status)).toEqual(Array(5).fill('passed'));
});
