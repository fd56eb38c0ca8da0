import { expect, test } from 'vitest';
import { row, seconds, summarize, whyInvalid } from './measure.ts';

test('an odd number of values has its middle one as the median, an even number the mean of two', () => {
  expect(summarize([5, 1, 3])).toEqual({ minimum: 1, median: 3, maximum: 5 });
  expect(summarize([4, 1, 3, 2])).toEqual({ minimum: 1, median: 2.5, maximum: 4 });
});

test('no values are an error, not a zero', () => {
  expect(() => summarize([])).toThrow(RangeError);
});

test('every run is measured', async () => {
  let runs = 0;
  expect(await seconds(3, () => Promise.resolve((runs += 1)))).toHaveLength(3);
  expect(runs).toBe(3);
});

test('a row relates the median to the goal', () => {
  expect(row('up', [1, 2, 3], 's', 4)).toBe('| up | 1.00 | 2.00 | 3.00 | s | 4 | 0.50 | 3 |');
});

test('figures of a machine that was busy before are called invalid', () => {
  expect(whyInvalid(1, 2)).toBeUndefined();
  expect(whyInvalid(1.1, 2)).toContain('a load of 1.1 on 2 processors');
});
