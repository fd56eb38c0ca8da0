import { expect, test } from 'vitest';
import { judgeThresholds, neverWarns, thresholdText } from './thresholds.ts';

test.each([
  [{}, 0, 'passed'],
  [{}, 1, 'failed'],
  [{ warn: 0 }, 1, 'warned'],
  [{ warn: 5 }, 5, 'passed'],
  [{ fail: 5 }, 5, 'passed'],
  [{ fail: 5 }, 6, 'failed'],
  [{ warn: 2, fail: '10%' }, 3, 'warned'],
  [{ warn: 2, fail: '10 %' }, 10, 'warned'],
  [{ warn: 2, fail: '10 %' }, 11, 'failed'],
  [{ warn: '0.5%' }, 1, 'warned'],
] as const)('%j with %i of 100 rows broken: %s', (thresholds, broken, status) => {
  expect(judgeThresholds(thresholds, broken, 100)).toBe(status);
});

test('anything is more than a percentage of nothing', () => {
  expect(judgeThresholds({ fail: '50%' }, 1, 0)).toBe('failed');
  expect(judgeThresholds({ fail: '50%' }, 0, 0)).toBe('passed');
});

test('a threshold that could never warn is known where both are of one unit', () => {
  expect(neverWarns({ warn: 2, fail: 1 })).toBe(true);
  expect(neverWarns({ warn: '2%', fail: '1.5%' })).toBe(true);
  expect(neverWarns({ warn: 2, fail: '1%' })).toBe(false);
  expect(neverWarns({ warn: 1, fail: 1 })).toBe(false);
});

test('thresholds are part of the rule in words', () => {
  expect(thresholdText({})).toBe('');
  expect(thresholdText({ warn: 1, fail: '2%' })).toBe(' (warns above 1, fails above 2%)');
});
