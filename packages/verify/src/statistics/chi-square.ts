// Packages that import this one are compiled without the files that its tsconfig.json includes.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- an import cannot name it: it is no module
/// <reference path="./vega-statistics.d.ts" />
import { cumulativeNormal } from 'vega-statistics';

/** Pearson's test of observed counts against the shares that they should have. */
export interface ChiSquareTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  /** The probability of a spread at least this uneven when every row falls by the weights. */
  readonly pValue: number;
}

/**
 * Pearson's chi-square test of counts against weights, one for each, in the same order.
 * @throws RangeError for fewer than two counts, for other numbers of counts and weights, or when
 *   nothing is expected or observed
 */
export function chiSquareTest(
  counts: readonly number[],
  weights: readonly number[],
): ChiSquareTest {
  const rows = sum(counts);
  const total = sum(weights);
  if (counts.length < 2 || counts.length !== weights.length || rows <= 0 || total <= 0) {
    throw new RangeError(
      `expected two or more counts, not all zero, and as many weights; found [${counts.join()}] and [${weights.join()}]`,
    );
  }
  const statistic = sum(
    weights.map((weight, index) => {
      const expected = (rows * weight) / total;
      const observed = counts[index] ?? 0;
      // Where nothing is expected any row is a proof by itself.
      if (expected === 0) return observed === 0 ? 0 : Infinity;
      return (observed - expected) ** 2 / expected;
    }),
  );
  const degreesOfFreedom = weights.filter((weight) => weight > 0).length - 1;
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareTail(statistic, degreesOfFreedom),
  };
}

/**
 * The probability that a chi-square variable is above `statistic`: Q(k/2, x/2) as the finite sums
 * for whole and half k/2, NIST Digital Library of Mathematical Functions 8.4.10 and, with the
 * recurrence 8.8.6 from Q(1/2, y) = erfc √y, for odd k. All terms are positive, so no digits cancel.
 */
export function chiSquareTail(statistic: number, degreesOfFreedom: number): number {
  if (statistic === Infinity) return 0;
  if (statistic <= 0 || degreesOfFreedom === 0) return 1;
  const half = statistic / 2;
  const odd = degreesOfFreedom % 2 === 1;
  let tail = odd ? 2 * cumulativeNormal(-Math.sqrt(statistic)) : 0;
  // term = half^power · e^-half / Γ(power + 1)
  let power = odd ? 0.5 : 0;
  let term = odd ? 2 * Math.sqrt(half / Math.PI) * Math.exp(-half) : Math.exp(-half);
  for (; power < degreesOfFreedom / 2; power += 1) {
    tail += term;
    term *= half / (power + 1);
  }
  return tail;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
