import { expect, test } from 'vitest';
import { bytesOf } from './containers.ts';

test('amounts of docker stats are bytes', () => {
  expect(bytesOf('220.5MiB')).toBe(231_211_008);
  expect(bytesOf('1.5GiB')).toBe(1_610_612_736);
  expect(bytesOf('512B')).toBe(512);
});

test('what is no amount is nothing', () => {
  expect(bytesOf('--')).toBe(0);
});
