import { expect, test } from 'vitest';
import { deviationPercent } from './deviation.ts';

test.each([
  [
    [500, 500],
    [1, 1],
    [0, 0],
  ],
  [
    [140_000, 60_000],
    [1, 1],
    [40, -40],
  ],
  [
    [300, 100],
    [3, 1],
    [0, 0],
  ],
  [
    [0, 100],
    [1, 3],
    [-100, 100 / 3],
  ],
  // A shard without weight has no share to deviate from.
  [
    [10, 90],
    [0, 1],
    [0, -10],
  ],
  [
    [0, 0],
    [1, 1],
    [0, 0],
  ],
])('%j rows by weights %j deviate by %j percent', (counts, weights, expected) => {
  const found = deviationPercent(counts, weights);
  expect(found).toHaveLength(expected.length);
  for (const [index, percent] of expected.entries()) expect(found[index]).toBeCloseTo(percent);
});
