import { expect, test } from 'vitest';
import { resolve, UnknownParameterError } from './parameters.ts';

test.each([
  [5, 5],
  ['2026-06-15', '2026-06-15'],
  ['$rows', 100],
])('%j resolves to %j', (scalar, value) => {
  expect(resolve(scalar, { rows: 100 })).toBe(value);
});

test.each(['$absent', '$toString', '$'])('%s is not known', (scalar) => {
  expect(() => resolve(scalar, { rows: 100 })).toThrow(UnknownParameterError);
});
