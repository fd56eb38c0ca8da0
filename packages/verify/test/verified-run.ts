import { overall } from '../src/check-run.ts';
import type { Status, Verdict } from '../src/verdict.ts';
import type { VerifiedRun } from '../src/verified-run.ts';

/** A run of `dwh` on two nodes with these verdicts, that ended at the beginning of 2026. */
export const runOf = (verdicts: readonly Verdict[]): VerifiedRun => ({
  ...{ formatVersion: 1, deployment: 'dwh', status: overall(verdicts), durationMs: 2500 },
  ...{ endedAt: '2026-01-01T00:00:00.000Z', facts: { ClickHouse: '26.7' } },
  nodes: [
    { name: 'ch-01', shard: '01', replica: '01' },
    { name: 'ch-<2>', shard: '01', replica: '02' },
  ],
  verdicts,
});

/** A verdict with a finding that decided it, about a table on the first node. */
export const verdictOf = (
  check: string,
  status: Status,
  observed = `seen of ${check}`,
): Verdict => ({
  ...{ check, status, title: `Title of ${check}`, durationMs: 1500 },
  findings: [
    {
      ...{ status, node: 'ch-01', subject: 'orders', expected: 'a < b & c', observed },
      ...{ reason: 'Look.', sql: ['SELECT 1'] },
    },
  ],
});
