import { expect, test } from 'vitest';
import { spreadSchema } from '../contract/spread.ts';
import {
  describeSpread,
  explainUneven,
  judgeSpread,
  type ShardCounts,
} from './spread-judgement.ts';

const thresholds = spreadSchema.parse({});
const counts = (rows: number[], keys = rows, weights = rows.map(() => 1)): ShardCounts => ({
  ...{ rows, keys, weights },
  oneOf: 1,
});

test.each([
  ['as many rows and keys as can be expected', counts([500, 500]), 'passed'],
  ['unique keys that chance hardly puts so', counts([611, 509]), 'warned'],
  ['unique keys that chance does not put so', counts([791, 509]), 'failed'],
  ['many rows by key, a little apart', counts([1_008_000, 992_000], [10_080, 9_920]), 'passed'],
  ['rows that one key makes uneven', counts([140_000, 60_000], [59_900, 60_100]), 'warned'],
  ['rows that differ no more than chance lets them', counts([58, 42]), 'passed'],
  ['rows by weights of 3 : 1', counts([750, 250], [750, 250], [3, 1]), 'passed'],
  ['keys on a shard without weight', counts([900, 100], [900, 100], [1, 0]), 'failed'],
  ['five keys on one shard', counts([1000, 0], [5, 0]), 'warned'],
] as const)('%s: %o is %s', (_, shards, status) => {
  expect(judgeSpread(shards, thresholds).status).toBe(status);
});

test('a contract that accepts a deviation decides over the rows', () => {
  const shards = counts([140_000, 60_000], [59_900, 60_100]);
  const within = (rowDeviationPercent: object) =>
    judgeSpread(shards, spreadSchema.parse({ rowDeviationPercent })).status;
  expect([within({ warn: 40 }), within({ warn: 39 }), within({ fail: 39 })]).toEqual([
    ...['passed', 'warned', 'failed'],
  ]);
});

test('both numbers are reported, and a sample as one', () => {
  const shards = { ...counts([140_000, 60_000], [599, 601]), oneOf: 100 };
  expect(describeSpread(shards, judgeSpread(shards, thresholds))).toBe(
    '140000 : 60000 rows, at most 40 % from their shares; 599 : 601 keys (1 of 100): p = 0.954, χ² = 0.003333, 1 degrees of freedom',
  );
});

test('one key is the cause when the rest is even, and none alone otherwise', () => {
  const shards = counts([140_000, 60_000], [59_900, 60_100]);
  const heavy = (rows: number) => [{ name: 'user_id = 7', rows }];
  const because = (rows: number) => explainUneven(shards, { fullest: 0 }, thresholds, heavy(rows));
  expect(because(80_000)).toMatch(/^One key is the cause: user_id = 7 has 40 % of the rows\./);
  expect(because(30_000)).toMatch(/^Keys with many rows lie together: user_id = 7 has 15 % /);
  expect(explainUneven(shards, { fullest: 0 }, thresholds, [])).toMatch(/^Keys with many rows/);
});

test.each([{ rowDeviationPercent: { warn: 20, fail: 10 } }, { warnBelow: 0.1, failBelow: 0.2 }])(
  'thresholds %j are refused',
  (spread) => {
    expect(spreadSchema.safeParse(spread).success).toBe(false);
  },
);
