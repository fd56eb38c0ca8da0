import { expect, test } from 'vitest';
import { z } from 'zod';
import { resultName, resultRow } from './result-names.ts';

test('a result has a name that no column has, and is read by its plain name', () => {
  expect(resultName('rows')).toBe('`found rows`');
  const row = resultRow({ rows: z.coerce.number() });
  expect(row.parse({ 'found rows': '7' })).toEqual({ rows: 7 });
});

test('a result that another statement gives under its plain name is read as well', () => {
  expect(resultRow({ rows: z.coerce.number() }).parse({ rows: 7 })).toEqual({ rows: 7 });
});

test('what is no row, or lacks a result, is refused', () => {
  const row = resultRow({ rows: z.coerce.number() });
  expect(row.safeParse(null).success).toBe(false);
  expect(row.safeParse({ 'found keys': 1 }).success).toBe(false);
});
