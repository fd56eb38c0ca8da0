import { expect, test } from 'vitest';
import { DRILL_NAMES, drillResultsOf } from './drill-outcome.ts';

const run = { drill: 'kill-replica', seed: 7, said: 'Seed 7', code: 0 };
const json = (status: string): string => JSON.stringify({ seed: 7, results: [{ status }] });

test('every drill is soaked', () => {
  expect(DRILL_NAMES).toContain('kill-replica');
  expect(DRILL_NAMES).toContain('kill-worker');
});

test.each([
  ['passed', 0, false],
  ['warned', 0, false],
  ['skipped', 1, false],
  ['failed', 1, true],
  ['inconclusive', 1, true],
])('a drill that %s with exit code %i ends the soak: %s', (status, code, isBad) => {
  expect(drillResultsOf({ ...run, json: json(status), code })).toMatchObject({ status, isBad });
});

test('a drill that gives no result ends it, with what was said', () => {
  const outcome = drillResultsOf({ ...run, json: '', said: 'The platform does not run.', code: 2 });
  expect(outcome).toMatchObject({ status: 'no result, exit code 2', isBad: true });
  expect(outcome.said).toContain('The platform does not run.');
});
