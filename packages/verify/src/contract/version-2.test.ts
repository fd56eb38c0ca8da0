import { expect, test } from 'vitest';
import { distributedTables } from './contract.ts';
import { ContractError, parseContract } from './read-contract.ts';

const SECOND = `version: 2
x-columns: &columns { id: UInt64, at: DateTime }
x-rule: &positive { rule: range, min: 1 }
tables:
  - name: orders_local
    kind: table
    database: shop
    engine: ReplacingMergeTree(at)
    columns: *columns
    rules:
      - { <<: *positive, column: id }
      - { rule: set, column: id, values: [1, true], optional: true }
  - { name: orders, kind: distributed, over: shop.orders_local }
  - { name: parts, kind: table, columns: { atLeast: { id: UInt64 } } }
  - { name: anything, kind: table, columns: { id: { type: UInt64, codec: ZSTD }, at: DateTime }, ttl: [] }
  - { name: recent, kind: view, columns: *columns }
  - { name: totals, kind: materialized-view, to: totals_local }
  - { name: countries, kind: dictionary }
waivers:
  - { rule: 'orders_local.id, range', node: a, reason: old rows, until: 2026-12-31 }
`;
const read = (text: string) =>
  parseContract(text, 'events.yaml', { checks: ['spread', 'value-rules'] });

test('a contract of version 2 says what it says, and requires nothing else', () => {
  const contract = read(SECOND);
  expect(contract.tables).toMatchObject([
    {
      kind: 'local',
      database: 'shop',
      columns: { id: 'UInt64', at: 'DateTime' },
      exactColumns: true,
      rules: [{ rule: 'range', column: 'id', min: 1 }, { optional: true }],
    },
    { kind: 'distributed', over: 'shop.orders_local' },
    { columns: { id: 'UInt64' }, exactColumns: false, rules: [] },
    {
      name: 'anything',
      columns: { id: 'UInt64', at: 'DateTime' },
      columnProperties: { id: { codec: 'ZSTD' } },
      exactColumns: true,
      ttl: [],
    },
  ]);
  expect(distributedTables(contract)).toMatchObject([{ local: { name: 'orders_local' } }]);
  expect(contract.views.map(({ kind }) => kind)).toEqual([
    'view',
    'materialized-view',
    'dictionary',
  ]);
  expect(contract.replicas).toEqual({ settleSeconds: 10 });
  expect(contract.waivers).toMatchObject([{ until: '2026-12-31' }]);
});

test.each([
  [
    'columns: *columns\n',
    'columns: 5\n',
    '9:14 tables.0.columns: Invalid input: expected record or object',
  ],
  [
    'atLeast: { id: UInt64 }',
    'atLeast: { id: 5 }',
    '14:59 tables.2.columns.atLeast.id: Invalid input: expected string or object',
  ],
  ['kind: dictionary', 'kind: dictionary, over: x', '18:48 tables.6: Unrecognized key: "over"'],
  ['kind: view', 'kind: vew', /^16:27 tables\.4\.kind: /],
  [
    'over: shop.orders_local',
    'over: other.orders_local',
    '13:46 tables.1.over: expected one of the local tables (orders_local, parts, anything)',
  ],
  [
    'orders_local.id, range',
    'orders_local.id, ranges',
    /^20:13 waivers\.0\.rule: there is no rule orders_local\.id, ranges/,
  ],
  ['node: a', 'check: sprd', '20:46 waivers.0.check: there is no check sprd'],
  [
    'to: totals_local',
    'to: totals_local, where: x > 1, bucket: day',
    '17:86 tables.5.bucket: bucket needs select as well',
  ],
  [
    'to: totals_local',
    'to: totals_local, where: x > 1',
    '17:71 tables.5.where: where needs bucket as well',
  ],
  [
    'to: totals_local',
    'to: parts, select: SELECT 1, bucket: [id], aggregates: { n: sum() of }',
    /^17:106 tables\.5\.aggregates\.n: expected an aggregate function/,
  ],
  [
    'to: totals_local',
    'to: shop.orders_local, select: SELECT 1, bucket: [at, toMonth(day)]',
    '17:100 tables.5.bucket.1: orders_local has no column day (id, at)',
  ],
  [
    'to: totals_local',
    'to: shop.orders_local, select: SELECT 1, bucket: at, aggregates: { n: sum }',
    '17:116 tables.5.aggregates.n: orders_local has no column n (id, at)',
  ],
  [', until: 2026-12-31', '', /^20:5 waivers\.0\.until: /],
] as const)('%j → %j is refused where it stands', (from, to, expected) => {
  expect(SECOND).toContain(from);
  let problems: string[] = [];
  try {
    read(SECOND.replace(from, to));
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    problems = error.message.split('\n').map((line) => line.replace('events.yaml:', ''));
  }
  expect(problems).toEqual([
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  ]);
});
