import type { Check, PlatformContext } from './check.ts';
import { runCheck, runChecks, type OnVerdict } from './check-run.ts';
import { airflowVersions } from './checks/airflow-versions.ts';
import { connections } from './checks/connections.ts';
import { dagDefinition } from './checks/dag-definition.ts';
import { nodesAnswer } from './checks/nodes-answer.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { repeatRun } from './checks/repeat-run.ts';
import { runOutcome } from './checks/run-outcome.ts';
import { runClusterChecks } from './run-cluster-checks.ts';
import type { UnfinishedRun } from './unfinished-run.ts';
import type { Finding, Verdict } from './verdict.ts';

/** Verdicts that are waited for, by the names of their checks. */
export interface ExpectedVerdicts {
  readonly verdicts: ReadonlyMap<string, Promise<Verdict>>;
  /** Takes a verdict; one that nobody waits for is kept beside the others. */
  readonly settle: OnVerdict;
}

export function expectVerdicts(checks: readonly Pick<Check, 'name'>[]): ExpectedVerdicts {
  const expected = new Map(
    checks.map(({ name }) => [name, Promise.withResolvers<Verdict>()] as const),
  );
  const verdicts = new Map([...expected].map(([name, { promise }]) => [name, promise]));
  return {
    verdicts,
    settle(verdict) {
      const waiting = expected.get(verdict.check);
      if (waiting === undefined) verdicts.set(verdict.check, Promise.resolve(verdict));
      else waiting.resolve(verdict);
    },
  };
}

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

/** The checks that look at nothing that a run leaves. */
const WITHOUT_RUN: readonly Check[] = [dagDefinition, connections, airflowVersions];

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
  const looked = [runOutcome, nodesAnswer, ...WITHOUT_RUN];
  for (const check of checks) if (!looked.includes(check)) settle(verdictOf(check, notJudged));
  const platform = checks.filter((check) => WITHOUT_RUN.includes(check));
  const nodes = checks.filter((check) => check === nodesAnswer);
  await Promise.all([
    runChecks(platform, context, settle),
    runClusterChecks(nodes, context, settle),
  ]);
}

const verdictOf = ({ name, title }: Check, finding: Finding): Verdict => ({
  ...{ check: name, title, status: finding.status },
  ...{ findings: [finding], durationMs: 0 },
});
