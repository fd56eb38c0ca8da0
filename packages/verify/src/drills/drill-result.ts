import { worst, type Finding, type Status } from '../verdict.ts';
import type { Account } from './account.ts';
import type { Drill } from './drill.ts';
import type { Guarantee } from './guarantee.ts';
import type { Schedule } from './schedule.ts';
import type { TimelineRecord } from './timeline.ts';

/** What a workload with a fault has shown, and the same workload without it. */
export interface DrillRun {
  readonly findings: readonly Finding[];
  /** What its inserts asked for; absent where the pipeline inserts. */
  readonly guarantee?: Guarantee;
  readonly account: Account;
  readonly baseline: Account;
  readonly timeline: TimelineRecord;
  /** From the lift until everything was as it must be; absent when that was not reached. */
  readonly recoverySeconds?: number;
}

/** A drill with its verdict. */
export interface DrillResult extends Partial<DrillRun> {
  readonly drill: string;
  readonly title: string;
  readonly proves: string;
  readonly doesNotProve: string;
  readonly status: Status;
  readonly findings: readonly Finding[];
  readonly schedule?: Schedule;
  readonly startedAt: string;
  readonly durationSeconds: number;
}

/** The result of a drill out of its findings; of none it is inconclusive. */
export const resultOf = (
  { name, title, proves, doesNotProve }: Drill,
  parts: Pick<DrillResult, 'findings' | 'startedAt' | 'durationSeconds'> &
    Partial<Omit<DrillRun, 'findings'>> & { readonly schedule?: Schedule },
): DrillResult => ({
  ...{ drill: name, title, proves, doesNotProve },
  status: worst(parts.findings.map(({ status }) => status)),
  ...parts,
});
