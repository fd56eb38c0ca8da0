import { expect, test } from 'vitest';
import { stopReplica } from '../drills/clickhouse/stop-replica.ts';
import { resultOf, type DrillResult } from '../drills/drill-result.ts';
import type { Status } from '../verdict.ts';
import { exitCodeOf } from '../check-run.ts';
import { renderDrills } from './drill-table.ts';

const account = { attempted: 31_700, acknowledged: 31_700, recovered: 31_700 };
const result = (status: Status): DrillResult =>
  resultOf(stopReplica, {
    findings: [{ status, subject: 'lost rows', expected: '0', observed: 'what was seen' }],
    account: { ...account, lost: 0, unexpected: 0 },
    ...{ startedAt: '2026-06-15T12:00:00Z', durationSeconds: 3, recoverySeconds: 1.25 },
  });

test.each<[readonly Status[], 0 | 1]>([
  [['passed'], 0],
  [['passed', 'skipped', 'warned'], 0],
  [['passed', 'failed'], 1],
  [['passed', 'inconclusive'], 1],
  [['skipped'], 1],
  [[], 1],
])('drills that %j end with code %i', (statuses, code) => {
  expect(exitCodeOf(statuses.map(result))).toBe(code);
});

test('a drill that passed shows its account and its recovery', () => {
  const text = renderDrills([result('passed')]);
  expect(text).toContain('31700 of 31700 rows, 0 lost, 0 unexpected');
  expect(text).toMatch(/1\.[23] s/);
});

test('one that did not pass shows why', () => {
  expect(renderDrills([result('failed')])).toContain('what was seen');
});
