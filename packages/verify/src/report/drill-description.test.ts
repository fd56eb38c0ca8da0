import { expect, test } from 'vitest';
import { resultOf, type DrillResult } from '../drills/drill-result.ts';
import { stopReplica } from '../drills/clickhouse/stop-replica.ts';
import type { Finding } from '../verdict.ts';
import { drillDescription } from './drill-description.ts';

const exact = { attempted: 70, acknowledged: 70, recovered: 70, lost: 0, unexpected: 0 };
const finding = (status: Finding['status'], observed: string): Finding => ({
  ...{ status, subject: 'lost rows', expected: '0', observed },
});
const result = (findings: readonly Finding[], parts: Partial<DrillResult> = {}): DrillResult => ({
  ...resultOf(stopReplica, { findings, startedAt: '2026-06-15T12:00:00Z', durationSeconds: 1 }),
  ...parts,
});

test('the verdict comes first, with what it rests on', () => {
  const findings = [finding('passed', '0'), finding('failed', '7'), finding('warned', '1')];
  expect(drillDescription(result(findings), undefined)).toMatch(
    /^<p><strong>failed: lost rows: 7<\/strong><\/p>/,
  );
});

test('the account stands beside that of the same workload without the fault', () => {
  const account = { ...exact, recovered: 63, lost: 7 };
  const html = drillDescription(
    result([finding('failed', '7')], { account, baseline: exact }),
    undefined,
  );
  expect(html).toContain('<tr><td>recovered</td><td>63</td><td>70</td></tr>');
  expect(html).toContain('<tr><td>lost</td><td>7</td><td>0</td></tr>');
});

test('the reader can repeat the schedule', () => {
  const schedule = {
    ...{ seed: 42, node: 'clickhouse-03', peer: undefined, shard: '01' },
    ...{ coordinators: ['keeper-02', 'keeper-01'], batchRows: 200, momentPercent: 30 },
    ...{ before: 5, during: 15, after: 5 },
  };
  const html = drillDescription(result([finding('passed', '0')], { schedule }), undefined);
  expect(html).toContain('verify:drill stop-replica --seed 42');
  expect(html).toContain('<td>coordinators</td><td>keeper-02, keeper-01</td>');
});

test('text stays text, whatever a server has said', () => {
  const html = drillDescription(result([finding('failed', '<img src=x>')]), undefined);
  expect(html).not.toContain('<img');
});
