import { expect, test } from 'vitest';
import { isRandom } from './sharding-key.ts';

test.each([
  'rand()',
  'cityHash64(rand64 ())',
  'intHash64(toUInt32(now()))',
  'generateSnowflakeID()',
])('%s gives a row another value each time', (expression) => {
  expect(isRandom(expression)).toBe(true);
});

test.each(['cityHash64(id)', 'brand', "cityHash64(name, 'rand()')", 'toYYYYMM(now_at)'])(
  '%s gives a row the same value always',
  (expression) => {
    expect(isRandom(expression)).toBe(false);
  },
);
