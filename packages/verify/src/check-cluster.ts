import type { Account } from '@provehouse/infra/clickhouse';
import { selectChecks } from './check-run.ts';
import type { ClusterCheck } from './check.ts';
import { clusterChecks } from './checks/index.ts';
import { GENTLE } from './clickhouse/load-limits.ts';
import { reachCluster } from './clickhouse/reachable.ts';
import type { Settings } from './clickhouse/settings.ts';
import type { Sampling } from './clickhouse/slices.ts';
import {
  chosenTables,
  contractOf,
  deploymentOf,
  describeDiscovery,
  describeShares,
} from './discovery/describe-cluster.ts';
import { discoverCluster } from './discovery/discover-cluster.ts';
import type { DiscoveryRequest } from './discovery/discovery-options.ts';
import { runClusterChecks } from './run-cluster-checks.ts';
import { formatSeconds } from './timeout-option.ts';
import { unlessAborted } from './unless-aborted.ts';
import type { Finding, Verdict } from './verdict.ts';
import { verifiedRun, type VerifiedRun } from './verified-run.ts';

/** Which checks are run, and how. */
export interface CheckSelection {
  readonly only?: readonly string[] | undefined;
  readonly skip: readonly string[];
  /** Whether queries are limited, so that production does not notice them. */
  readonly gentle: boolean;
  /** Seconds in which the content of tables is compared; no limit unless it is said. */
  readonly budget?: number | undefined;
  /** Rows of each table and node that are compared, about; all unless it is said. */
  readonly sample?: number | undefined;
}

/** How much of large tables is judged, counted from now. */
function samplingOf({ budget, sample }: CheckSelection): Sampling | undefined {
  if (budget === undefined && sample === undefined) return undefined;
  const said = [
    ...(budget === undefined ? [] : [`--budget ${formatSeconds(budget)}`]),
    ...(sample === undefined ? [] : [`--sample ${sample}`]),
  ];
  return {
    rows: sample ?? Number.POSITIVE_INFINITY,
    until: performance.now() + (budget ?? Number.POSITIVE_INFINITY) * 1000,
    said: said.join(' and '),
  };
}

/** Limits of each query; none takes longer than there is time for all. */
function limitsOf({ gentle, budget }: CheckSelection): Settings {
  const longest = { max_execution_time: String(Math.ceil(budget ?? 0)) };
  if (!gentle) return budget === undefined ? {} : longest;
  return { ...GENTLE, ...((budget ?? Infinity) < Number(GENTLE['max_execution_time']) && longest) };
}

/** Refuses names that no check has. @throws UnknownCheckError */
export function refuseUnknown({ only, skip }: CheckSelection): void {
  selectChecks(clusterChecks, only);
  selectChecks(clusterChecks, skip);
}

/**
 * Finds out what a cluster is and has, and runs every check that needs no contract.
 * @param tell called with what is found before anything is judged
 * @param signal ends it, and its queries on the nodes
 * @throws DiscoveryError, ClusterChoiceError, UnreachableClusterError, UnknownCheckError
 */
export async function checkCluster(
  { request, choice }: DiscoveryRequest,
  selection: CheckSelection,
  tell: (line: string) => void,
  signal?: AbortSignal,
): Promise<VerifiedRun> {
  const begin = performance.now();
  const { only, skip } = selection;
  const checks = selectChecks(clusterChecks, only);
  const discovered = await unlessAborted(signal, () => discoverCluster(request));
  const { account } = discovered;
  const deployment = deploymentOf(discovered);
  const chosen = chosenTables(discovered, choice);
  for (const line of describeDiscovery(discovered, chosen)) tell(line);
  const notRun = new Map<ClusterCheck, Finding>(
    selectChecks(clusterChecks, skip).map((one) => [one, notAsked]),
  );
  const where = '--user and PROVEHOUSE_PASSWORD';
  const tellSilent = ({ message }: Error): void => tell(message);
  const limits = limitsOf(selection);
  await using cluster = await unlessAborted(signal, () =>
    reachCluster(deployment, account, where, tellSilent, limits),
  );
  const sampling = samplingOf(selection);
  const context = {
    ...{ deployment, contract: contractOf(chosen), cluster },
    ...{ secrets: secretsOf(account), parameters: {}, sampling },
  };
  const judged = await unlessAborted(signal, () =>
    runClusterChecks(
      checks.filter((one) => !notRun.has(one)),
      context,
    ),
  );
  const verdicts = inOrder(checks, judged, notRun);
  const [way] = describeShares(discovered);
  return verifiedRun(deployment, verdicts, {
    durationMs: performance.now() - begin,
    done: { ...(way !== undefined && { Way: way }), ...(sampling && { Limits: sampling.said }) },
  });
}

/** Verdicts as people read the checks; those that were not run have their place as well. */
function inOrder(
  checks: readonly ClusterCheck[],
  judged: readonly Verdict[],
  notRun: ReadonlyMap<ClusterCheck, Finding>,
): Verdict[] {
  const unasked = judged.filter(({ check: name }) => !checks.some((one) => one.name === name));
  return [
    ...unasked,
    ...checks.flatMap((one): Verdict[] => {
      const finding = notRun.get(one);
      if (finding === undefined) return judged.filter(({ check: name }) => name === one.name);
      const { name, title } = one;
      return [{ check: name, title, status: 'skipped', findings: [finding], durationMs: 0 }];
    }),
  ];
}

const notAsked: Finding = {
  status: 'skipped',
  expected: 'a check that is run',
  observed: 'it was not run',
  reason: 'It was left out with --skip.',
};

const secretsOf = ({ user, password, token }: Account): Record<string, string> => ({
  super_user_name: user,
  ...(token === undefined ? { super_user_password: password } : { super_user_token: token }),
});
