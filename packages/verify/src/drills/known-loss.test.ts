import { expect, test } from 'vitest';
import { lacksFix } from './known-loss.ts';

const FIXED_IN = ['26.3.33.61', '26.6.5.114', '26.7.7.87', '26.8.3.98'];

test.each([
  ['26.7.2.1', true],
  ['26.7.7.86', true],
  ['26.7.7.87', false],
  ['26.7.10.1', false],
  ['26.3.33.61', false],
  ['26.5.99.1', true],
  ['26.9.1.1', false],
  ['27.1.1.1', false],
  ['18.16.1', true],
])('ClickHouse %s lacks the fix: %s', (version, lacks) => {
  expect(lacksFix(version, FIXED_IN)).toBe(lacks);
});
