import { expect, test } from 'vitest';
import { worst } from './verdict.ts';

test.each([
  [['passed', 'skipped'], 'passed'],
  [['skipped', 'skipped'], 'skipped'],
  [['warned', 'passed', 'skipped'], 'warned'],
  [['inconclusive', 'warned'], 'inconclusive'],
  [['passed', 'failed', 'inconclusive'], 'failed'],
  [['passed', 'passed'], 'passed'],
] as const)('of %j the worst that was judged is %s', (statuses, expected) => {
  expect(worst(statuses)).toBe(expected);
});

test('nothing looked at is inconclusive', () => {
  expect(worst([])).toBe('inconclusive');
});
