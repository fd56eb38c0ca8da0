import { expect, test } from 'vitest';
import { offsetOf } from './clock-offset.ts';

const reading = (sent: number, answered: number, clock: number, resolution = 1) => ({
  ...{ sent, answered, clock, resolution },
});

test('one reading bounds the offset by the round trip', () => {
  expect(offsetOf([reading(1000, 1040, 6020)])).toEqual({ from: 4980, to: 5021 });
});

test('the shortest way there and the shortest way back bound it together', () => {
  const readings = [reading(1000, 1500, 1001), reading(2000, 2500, 2499)];
  expect(offsetOf(readings)).toEqual({ from: -1, to: 2 });
});

test('readings before and after a tick tell more than the seconds that a clock shows', () => {
  const readings = [reading(1970, 1980, 3000, 1000), reading(2010, 2020, 4000, 1000)];
  expect(offsetOf(readings)).toEqual({ from: 1980, to: 2030 });
});
