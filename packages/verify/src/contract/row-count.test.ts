import { expect, test } from 'vitest';
import { UnknownParameterError } from './parameters.ts';
import { describeBounds, isWithin, rowBounds, rowCountSchema } from './row-count.ts';

test.each([
  [500, '500 rows', [500], [499, 501]],
  ['$rows', '1000 rows', [1000], [100]],
  [{ min: 10, max: '$rows' }, '10 … 1000 rows', [10, 1000], [9, 1001]],
  [{ min: 1 }, 'at least 1 rows', [1, 1e12], [0]],
  [{ max: 7 }, 'at most 7 rows', [0, 7], [8]],
])('%j are %s', (stated, described, right, wrong) => {
  const bounds = rowBounds(rowCountSchema.parse(stated), { rows: 1000 });
  expect(describeBounds(bounds)).toBe(described);
  expect(right.map((rows) => isWithin(bounds, rows))).not.toContain(false);
  expect(wrong.map((rows) => isWithin(bounds, rows))).not.toContain(true);
});

test('a number that came as text on the command line counts', () => {
  expect(rowBounds('$rows', { rows: '42' })).toEqual({ min: 42, max: 42 });
});

test('a parameter that is not known, or no number, is an error', () => {
  expect(() => rowBounds('$rows', {})).toThrow(UnknownParameterError);
  expect(() => rowBounds('$as_of', { as_of: '2026-06-15' })).toThrow(RangeError);
});

test.each([-1, 1.5, 'rows', {}, { min: 10, max: 1 }, { min: 1, most: 2 }])(
  '%j is refused',
  (stated) => {
    expect(rowCountSchema.safeParse(stated).success).toBe(false);
  },
);
