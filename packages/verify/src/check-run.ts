import { channel } from 'node:diagnostics_channel';
import { ProvehouseError } from '@provehouse/secrets';
import pLimit from 'p-limit';
import type { Check, ClusterContext, PlatformContext } from './check.ts';
import { runAs } from './clickhouse/running-check.ts';
import { notLookedAt, SilentNodeError } from './clickhouse/silent-node.ts';
import { applyWaivers, type Waiver } from './contract/waivers.ts';
import { worst, type Finding, type Status, type Verdict } from './verdict.ts';

const PARALLEL = 8;

/** Where every verdict is published when it is there, for who subscribes in the same process. */
export const VERDICTS = channel('provehouse.verdict');

/** Called with each verdict as soon as it is there. */
export type OnVerdict = (verdict: Verdict) => void;

/**
 * Runs a check and times it. A check that cannot run is inconclusive: it proved nothing, neither
 * good nor bad. One that needs a node which is known not to answer is skipped. What the contract waives
 * warns.
 */
export async function runCheck<Context extends WithWaivers>(
  check: { name: string; title: string; run(context: Context): Promise<readonly Finding[]> },
  context: Context,
): Promise<Verdict> {
  const begin = performance.now();
  const found = await runAs(check.name, () => check.run(context)).catch(
    (error: unknown): readonly Finding[] => [couldNotRun(error)],
  );
  const judged =
    found.length > 0 ? found : [context.contract?.tables?.length === 0 ? NO_TABLES : NOTHING_FOUND];
  const waivers = context.contract?.waivers ?? [];
  const findings = applyWaivers(waivers, check.name, judged, new Date());
  const verdict: Verdict = {
    check: check.name,
    title: check.title,
    status: worst(findings.map(({ status }) => status)),
    findings,
    durationMs: performance.now() - begin,
  };
  VERDICTS.publish(verdict);
  return verdict;
}

interface WithWaivers {
  readonly contract?: {
    readonly waivers?: readonly Waiver[];
    readonly tables?: readonly unknown[];
  };
}

/** What is said of a check that said nothing: whatever it judges was not there. */
const NOTHING_FOUND: Finding = {
  status: 'inconclusive',
  expected: 'something to judge',
  observed: 'nothing that the check looks at',
  reason: 'Neither the contract nor the nodes have what this check judges: nothing is proven.',
};

/** The same where it was found out that there are no tables; a contract has one at least. */
const NO_TABLES: Finding = {
  status: 'skipped',
  expected: 'tables to judge',
  observed: 'none',
  reason: 'The cluster has no tables of the kind that this check judges, or all were left out.',
};

const couldNotRun = (error: unknown): Finding =>
  error instanceof SilentNodeError
    ? notLookedAt(error)
    : {
        status: 'inconclusive',
        expected: 'an answer from everything that the check asks',
        observed: error instanceof Error ? error.message : String(error),
        reason: 'The check could not run. Correct what it names and run it again.',
      };

/** Runs checks side by side; the verdicts come in the order of the checks. */
export async function runChecks<Context extends ClusterContext | PlatformContext>(
  checks: readonly {
    name: string;
    title: string;
    run(context: Context): Promise<readonly Finding[]>;
  }[],
  context: Context,
  onVerdict: OnVerdict = () => undefined,
  parallel = PARALLEL,
): Promise<Verdict[]> {
  return pLimit(parallel).map(checks, async (check) => {
    const verdict = await runCheck(check, context);
    onVerdict(verdict);
    return verdict;
  });
}

/** The verdict on a whole run: its worst one, and of none inconclusive. */
export const overall = (verdicts: readonly Verdict[]): Status =>
  worst(verdicts.map(({ status }) => status));

/**
 * The exit code of a run of checks or drills for CI: 0 when something passed and nothing failed or was
 * inconclusive.
 */
export function exitCodeOf(verdicts: readonly Pick<Verdict, 'status'>[]): 0 | 1 {
  const proven = verdicts.some(({ status }) => status === 'passed' || status === 'warned');
  const bad = verdicts.some(({ status }) => status === 'failed' || status === 'inconclusive');
  return proven && !bad ? 0 : 1;
}

/** Thrown when checks are named that do not exist. */
export class UnknownCheckError extends ProvehouseError {
  override readonly name = 'UnknownCheckError';
}

/** The checks with these names, or all. @throws UnknownCheckError listing the names there are */
export function selectChecks<T extends Pick<Check, 'name'>>(
  checks: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  if (names === undefined) return checks;
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) {
    const known = checks.map(({ name }) => name).join(', ');
    throw new UnknownCheckError(`There is no check ${unknown.join(', ')}. Checks: ${known}.`);
  }
  return checks.filter(({ name }) => names.includes(name));
}
