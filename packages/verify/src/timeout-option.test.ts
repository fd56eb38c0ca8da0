import { expect, test } from 'vitest';
import { formatSeconds, timeoutSeconds } from './timeout-option.ts';

test.each([
  ['10', 600],
  ['90s', 90],
  ['10m', 600],
  ['1h30m', 5400],
  ['24h', 86_400],
])('%s is %d seconds', (text, seconds) => {
  expect(timeoutSeconds(text)).toBe(seconds);
});

test.each(['', '0', '0s', '-1', '1.5', 'soon', '10 m', '5m1h', '25h'])('%j is refused', (text) => {
  expect(() => timeoutSeconds(text)).toThrow(
    'Expected minutes such as 10, or a duration such as 90s',
  );
});

test('a time is reported in the unit that fits', () => {
  expect([formatSeconds(600), formatSeconds(90)]).toEqual(['10 min', '90 s']);
});
