import type { Check, PlatformContext } from './check.ts';
import { runCheck, runChecks, type OnVerdict } from './check-run.ts';
import { nodesAnswer } from './checks/nodes-answer.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { repeatRun } from './checks/repeat-run.ts';
import { runOutcome } from './checks/run-outcome.ts';
import { runClusterChecks } from './run-cluster-checks.ts';
import type { UnfinishedRun } from './unfinished-run.ts';
import type { Finding, Verdict } from './verdict.ts';

/** Whether a check looks at rows, which must not be rewritten meanwhile. */
const readsRows = (check: Check): boolean => check.scope === 'cluster' || check === reconciliation;

/**
 * Judges a run that has ended: checks side by side, and `repeat-run` after all that look at rows.
 * @param beforeSecondRun called when these have ended
 */
export async function judgeEnded(
  checks: readonly Check[],
  context: PlatformContext,
  settle: OnVerdict,
  beforeSecondRun: () => Promise<void>,
): Promise<void> {
  const onAirflow = checks.filter((check) => !readsRows(check) && check !== repeatRun);
  const judgeRows = async (): Promise<void> => {
    await runClusterChecks(checks.filter(readsRows), context, settle);
    await beforeSecondRun();
    if (checks.includes(repeatRun)) settle(await runCheck(repeatRun, context));
  };
  await Promise.all([runChecks(onAirflow, context, settle), judgeRows()]);
}

/**
 * Judges what there is without a run that has ended. That it has not is one failure, of run-outcome,
 * whichever checks were chosen; those that look at what it leaves are skipped.
 */
export async function judgeUnfinished(
  checks: readonly Check[],
  { outcome, notJudged }: UnfinishedRun,
  context: PlatformContext,
  settle: OnVerdict,
): Promise<void> {
  settle(verdictOf(runOutcome, outcome));
  const looked: readonly Check[] = [runOutcome, nodesAnswer];
  for (const check of checks) if (!looked.includes(check)) settle(verdictOf(check, notJudged));
  await runClusterChecks(checks.includes(nodesAnswer) ? [nodesAnswer] : [], context, settle);
}

const verdictOf = ({ name, title }: Check, finding: Finding): Verdict => ({
  ...{ check: name, title, status: finding.status },
  ...{ findings: [finding], durationMs: 0 },
});
