import { expect, test } from 'vitest';
import { planValues, unsteadyColumns, type Filling } from './planned-values.ts';

const COLUMNS = { day: 'Date', kind: 'String', n: 'UInt64', at: 'DateTime' };

interface Described extends Partial<Omit<Filling, 'target'>> {
  readonly engine?: string;
  readonly sortingKey?: string;
  readonly partitionKey?: string;
}

/** A target with an engine as `engine_full` has it. */
const targetOf = ({ engine = 'MergeTree', sortingKey = 'day', partitionKey = '' }: Described) => ({
  ...{ engine: engine.replace(/\(.*/, ''), engineFull: `${engine} ORDER BY ${sortingKey}` },
  ...{ sortingKey, partitionKey, columns: COLUMNS },
});
const plan = (described: Described) => {
  const { columns = COLUMNS, rowByRow = false, aggregates = {} } = described;
  const { values, unjudged } = planValues({
    target: targetOf(described),
    ...{ columns, rowByRow, aggregates },
  });
  return { values: values.map(({ expression }) => expression), unjudged };
};

test('rows that are copied are counted, and each column is hashed', () => {
  const { values, unjudged } = plan({ rowByRow: true });
  expect(values).toEqual([
    'count()',
    ...['day', 'kind', 'n', 'at'].map((column) => `sum(cityHash64(tuple(\`${column}\`)))`),
  ]);
  expect(unjudged).toEqual([]);
});

test('of rows that a view groups into a plain table nothing is known but the key', () => {
  expect(plan({})).toEqual({ values: [], unjudged: ['kind', 'n', 'at'] });
  expect(plan({ aggregates: { n: 'sum', kind: 'none', at: 'max' } })).toEqual({
    values: ['sum(`n`)', 'max(`at`)'],
    unjudged: [],
  });
});

test('a SummingMergeTree adds up its numbers outside of the keys, or those that it names', () => {
  const all = { ...COLUMNS, m: 'Nullable(Decimal(18, 2))', month: 'UInt32' };
  const engine = 'SummingMergeTree';
  expect(plan({ columns: all, engine, partitionKey: 'month' })).toEqual({
    values: ['sum(`n`)', 'sum(`m`)'],
    unjudged: ['kind', 'at'],
  });
  const replicated = `ReplicatedSummingMergeTree('/t/{shard}', '{replica}', (m, x))`;
  expect(plan({ columns: all, engine: replicated }).values).toEqual(['sum(`m`)']);
});

test('of replaced rows the keys and the last version are known, states are not', () => {
  const columns = { ...COLUMNS, state: 'AggregateFunction(uniq, UInt64)' };
  expect(plan({ columns, engine: 'ReplacingMergeTree(at)', rowByRow: true })).toEqual({
    values: [
      ...['uniqExact(cityHash64(tuple(day)))', 'sumDistinct(cityHash64(tuple(day)))', 'max(`at`)'],
    ],
    unjudged: ['kind', 'n', 'state'],
  });
  expect(plan({ engine: 'ReplacingMergeTree(at, n)', rowByRow: true }).values).toEqual([]);
});

test('collapsed rows add up with their signs', () => {
  const { values } = plan({ engine: 'VersionedCollapsingMergeTree(n, at)', rowByRow: true });
  expect(values.slice(0, 2)).toEqual([
    'sum(toInt64(`n`))',
    'sum(toInt64(`n`) * toInt64(cityHash64(tuple(`day`))))',
  ]);
  expect(values).toHaveLength(4);
});

test('columns that merging changes are found in expressions', () => {
  const described = { engine: 'AggregatingMergeTree', sortingKey: 'day, toHour(at)' };
  const unsteady = (...expressions: string[]) =>
    unsteadyColumns(targetOf(described), COLUMNS, expressions);
  expect(unsteady('toMonday(day)', 'toHour( at )', "day > '2026-01-01'")).toEqual([]);
  expect(unsteady('toMinute(at)', 'n > 3')).toEqual(['at', 'n']);
  expect(unsteadyColumns(targetOf({}), COLUMNS, ['n'])).toEqual([]);
});
