import type { Spread } from '../contract/spread.ts';
import type { HeavyKey } from '../clickhouse/heaviest-keys.ts';
import { chiSquareTest, type ChiSquareTest } from '../statistics/chi-square.ts';
import { deviationPercent } from '../statistics/deviation.ts';
import { worst, type Status } from '../verdict.ts';

/** What the shards hold, each list in their order. */
export interface ShardCounts {
  readonly rows: readonly number[];
  /** Distinct keys, or those of a sample. */
  readonly keys: readonly number[];
  /** The sample holds one of so many keys; 1 where all are counted. */
  readonly oneOf: number;
  readonly weights: readonly number[];
}

/** What is to be said of a spread. */
export interface SpreadJudgement {
  readonly status: Status;
  /** The test of the distinct keys; none where there are too few. */
  readonly test: ChiSquareTest | undefined;
  /** How far each shard's rows are from its share, in percent of that. */
  readonly deviations: readonly number[];
  /** Whether the rows are further from their shares than they may be. */
  readonly uneven: boolean;
  /** The shard that has most rows above its share, by its place in the lists. */
  readonly fullest: number;
}

/** Fewer expected keys than this on a shard make the chi-square distribution a bad approximation. */
const LEAST_EXPECTED = 5;
/** Rows are uneven only where rows that fell one by one would hardly lie so. */
const BY_CHANCE = 0.01;

/**
 * Judges the distinct keys by chance, for which a shard is drawn for each key, and the rows by how far
 * they are from their shares: rows of one key lie together, whatever their number.
 */
export function judgeSpread(counts: ShardCounts, thresholds: Spread): SpreadJudgement {
  const { rows, keys, weights } = counts;
  const { warnBelow, failBelow, fromRows, rowDeviationPercent } = thresholds;
  const least = Math.min(...weights.filter((weight) => weight > 0));
  const enough = sum(keys) >= fromRows && (sum(keys) * least) / sum(weights) >= LEAST_EXPECTED;
  const test = enough ? chiSquareTest(keys, weights) : undefined;
  const deviations = deviationPercent(rows, weights);
  const furthest = Math.max(...deviations.map(Math.abs));
  const uneven =
    furthest > rowDeviationPercent.warn && chiSquareTest(rows, weights).pValue < BY_CHANCE;
  const pValue = test?.pValue ?? 1;
  const ofKeys = pValue < failBelow ? 'failed' : pValue < warnBelow ? 'warned' : 'passed';
  const { fail = Infinity } = rowDeviationPercent;
  const ofRows = !uneven ? 'passed' : furthest > fail ? 'failed' : 'warned';
  return {
    status: worst([ofKeys, ofRows]),
    test,
    deviations,
    uneven,
    fullest: deviations.indexOf(Math.max(...deviations)),
  };
}

/** A judgement as people say it, both numbers in it. */
export function describeSpread(
  { rows, keys, oneOf }: ShardCounts,
  { test, deviations }: Pick<SpreadJudgement, 'test' | 'deviations'>,
): string {
  const furthest = Math.max(...deviations.map(Math.abs));
  const sampled = oneOf > 1 ? ` (1 of ${oneOf})` : '';
  const tested =
    test === undefined
      ? 'too few to test'
      : `p = ${test.pValue.toPrecision(3)}, χ² = ${test.statistic.toPrecision(4)}, ${test.degreesOfFreedom} degrees of freedom`;
  return `${rows.join(' : ')} rows, at most ${Number(furthest.toPrecision(3))} % from their shares; ${keys.join(' : ')} keys${sampled}: ${tested}`;
}

/** Why rows are uneven, in which one key may be the cause; `heavy` are the heaviest of the fullest shard. */
export function explainUneven(
  { rows, weights }: ShardCounts,
  { fullest }: Pick<SpreadJudgement, 'fullest'>,
  { rowDeviationPercent }: Spread,
  heavy: readonly HeavyKey[],
): string {
  const [heaviest] = heavy;
  const advice =
    'No row is in a wrong place, but its shard has more to do. Another sharding key would spread them, with all rows loaded again; spread.rowDeviationPercent says how much is accepted.';
  if (heaviest === undefined) return `Keys with many rows lie together. ${advice}`;
  const without = rows.map((count, index) => count - (index === fullest ? heaviest.rows : 0));
  const alone =
    sum(without) > 0 &&
    Math.max(...deviationPercent(without, weights).map(Math.abs)) <= rowDeviationPercent.warn;
  const share = `${heaviest.name} has ${percentOf(heaviest.rows, rows)} % of the rows`;
  return `${alone ? 'One key is the cause' : 'Keys with many rows lie together'}: ${share}. ${advice}`;
}

/** A number of rows in percent of all, as people say it. */
export const percentOf = (part: number, rows: readonly number[]): number =>
  Number(((part / sum(rows)) * 100).toPrecision(3));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
