import { expect, test } from 'vitest';
import { chiSquareTail, chiSquareTest } from './chi-square.ts';

// NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.4: critical values for a tail of
// 0.10, 0.05, 0.025, 0.01 and 0.001.
test.each([
  [1, [2.706, 3.841, 5.024, 6.635, 10.828]],
  [2, [4.605, 5.991, 7.378, 9.21, 13.816]],
  [3, [6.251, 7.815, 9.348, 11.345, 16.266]],
  [10, [15.987, 18.307, 20.483, 23.209, 29.588]],
  [15, [22.307, 24.996, 27.488, 30.578, 37.697]],
  [100, [118.498, 124.342, 129.561, 135.807, 149.449]],
] as const)('%i degrees of freedom: tails as published', (degreesOfFreedom, values) => {
  const tails = [0.1, 0.05, 0.025, 0.01, 0.001];
  for (const [index, value] of values.entries()) {
    const tail = tails[index]!;
    expect(Math.abs(chiSquareTail(value, degreesOfFreedom) / tail - 1)).toBeLessThan(0.001);
  }
});

// By gammainc of @stdlib/math-base-special-gammainc 0.3, which goes another way.
test.each([
  [0.5, 1, 0.4795001221869535],
  [3.2, 2, 0.20189651799465538],
  [7.9, 3, 0.04812425184416011],
  [25, 15, 0.049943433626428356],
  [60, 31, 0.0013497859785251323],
  [140, 100, 0.0051405024585059024],
  [200, 7, 1.1477812240142596e-39],
])('%d with %i degrees of freedom: the tail as another program has it', (value, degrees, tail) => {
  expect(Math.abs(chiSquareTail(value, degrees) / tail - 1)).toBeLessThan(1e-9);
});

test('a far tail is small, not zero and not NaN, until it is too small for a number', () => {
  expect(chiSquareTail(500, 1)).toBeGreaterThan(0);
  expect(chiSquareTail(500, 1)).toBeLessThan(1e-100);
  expect(chiSquareTail(1e7, 3)).toBe(0);
});

test("Mendel's peas agree with 9 : 3 : 3 : 1", () => {
  // 556 seeds, "Versuche über Pflanzen-Hybriden" (1866); statistic 0.470 by hand.
  const { statistic, degreesOfFreedom, pValue } = chiSquareTest([315, 101, 108, 32], [9, 3, 3, 1]);
  expect(statistic).toBeCloseTo(0.47, 3);
  expect(degreesOfFreedom).toBe(3);
  expect(pValue).toBeCloseTo(0.9254, 4);
});

test('equal counts against equal weights are as expected as can be', () => {
  expect(chiSquareTest([50, 50], [1, 1])).toMatchObject({ statistic: 0, pValue: 1 });
});

test('a row where none is expected has no probability', () => {
  expect(chiSquareTest([99, 1], [1, 0]).pValue).toBe(0);
  expect(chiSquareTest([60, 40, 0], [1, 1, 0]).degreesOfFreedom).toBe(1);
});

test.each([
  [[5], [1]],
  [
    [0, 0],
    [1, 1],
  ],
  [[1, 2], [1]],
  [
    [1, 2],
    [0, 0],
  ],
])('counts %j against weights %j are refused', (counts, weights) => {
  expect(() => chiSquareTest(counts, weights)).toThrow(RangeError);
});
