import { Command, InvalidArgumentError } from 'commander';
import type { Account } from '@provehouse/infra/clickhouse';
import { exitCodeOf, overall, selectChecks } from '../check-run.ts';
import type { ClusterCheck } from '../check.ts';
import { clusterChecks } from '../checks/index.ts';
import { nativeAccess } from '../checks/native-access.ts';
import { GENTLE } from '../clickhouse/load-limits.ts';
import { reachCluster } from '../clickhouse/reachable.ts';
import { contractTables } from '../discovery/contract-tables.ts';
import {
  withDiscoveryOptions,
  type DiscoveryFlags,
  discover,
} from '../discovery/discovery-options.ts';
import { contractOf, deploymentOf, describeDiscovery } from '../discovery/describe-cluster.ts';
import { knowsNativePorts } from '../discovery/describe-nodes.ts';
import { isChosen } from '../discovery/table-choice.ts';
import { OUTPUTS, writeOutput, type Output } from '../output/outputs.ts';
import { runClusterChecks } from '../run-cluster-checks.ts';
import type { Finding, Verdict } from '../verdict.ts';
import { paintFor, renderVerdicts } from './verdict-table.ts';

interface CheckFlags extends DiscoveryFlags {
  readonly only?: readonly string[];
  readonly skip: readonly string[];
  readonly gentle: boolean;
  readonly failOn: 'failed' | 'warned';
  readonly output: readonly Output[];
  readonly json: boolean;
}

/** The command that verifies any cluster, of which it knows nothing but where one of its nodes is. */
export const check = withDiscoveryOptions(
  new Command('check').description(
    'Verify any cluster: what it has is found out, nothing is written to it.',
  ),
)
  .option('--only <checks>', 'names of the checks to run, with commas between them', names)
  .option('--skip <checks>', 'names of checks that are not run', names, [])
  .option('--no-gentle', 'without limits on threads, priority and time of each query')
  .option(
    '--fail-on <status>',
    'also fail when something warned: failed or warned',
    failOn,
    'failed',
  )
  .option(
    '--output <format=file>',
    `write the verdicts to a file as well: ${OUTPUTS.join(', ')} (repeatable)`,
    collectOutput,
    [],
  )
  .option('--json', 'print the verdicts as JSON', false)
  .addHelpText('after', '\nExit codes: 0 all is proven, 1 something is not, 2 could not run.')
  .exitOverride()
  .action(async (urls: readonly string[], flags: CheckFlags) => {
    process.exitCode = await checkCluster(urls, flags);
  });

async function checkCluster(urls: readonly string[], flags: CheckFlags): Promise<0 | 1> {
  const checks = selectChecks(clusterChecks, flags.only);
  const skipped = selectChecks(clusterChecks, flags.skip);
  const { discovered, account, choice } = await discover(urls, flags);
  const deployment = deploymentOf(discovered);
  const chosen = contractTables(
    discovered.tables.filter((table) => isChosen(table, choice)),
    deployment.clickhouse.cluster,
    discovered.keys,
  );
  for (const line of describeDiscovery(discovered, chosen)) process.stderr.write(`${line}\n`);
  const contract = contractOf(chosen);
  const notRun = new Map<ClusterCheck, Finding>([
    ...skipped.map((one) => [one, notAsked] as const),
    ...(knowsNativePorts(discovered.members) ? [] : [[nativeAccess, nativePortsUnknown] as const]),
  ]);
  await using cluster = await reachCluster(
    ...[deployment, account, '--user and PROVEHOUSE_PASSWORD'],
    ({ message }) => void process.stderr.write(`${message}\n`),
    flags.gentle ? GENTLE : {},
  );
  const judged = await runClusterChecks(
    checks.filter((one) => !notRun.has(one)),
    { deployment, contract, cluster, secrets: secretsOf(account), parameters: {} },
  );
  const verdicts = inOrder(checks, judged, notRun);
  const run = {
    deployment: deployment.name,
    status: overall(verdicts),
    // Since the process was started.
    durationMs: performance.now(),
    verdicts,
    nodes: deployment.clickhouse.nodes.map(({ name, shard, replica }) => ({
      name,
      shard,
      replica,
    })),
  };
  for (const output of flags.output) await writeOutput(output, run);
  process.stdout.write(
    `${flags.json ? JSON.stringify(run, null, 2) : renderVerdicts(verdicts, paintFor(process.stdout))}\n`,
  );
  const warned = flags.failOn === 'warned' && verdicts.some(({ status }) => status === 'warned');
  return warned ? 1 : exitCodeOf(verdicts);
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

const nativePortsUnknown: Finding = {
  status: 'skipped',
  expected: 'the native port of every node',
  observed: 'nodes that are reached at other addresses than the cluster has',
  reason:
    'Where their native ports are from here is not known: say so with --map host:9000=host:port.',
};

const secretsOf = ({ user, password }: Account): Record<string, string> => ({
  super_user_name: user,
  super_user_password: password,
});

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function failOn(text: string): 'failed' | 'warned' {
  if (text !== 'failed' && text !== 'warned') {
    throw new InvalidArgumentError('Expected failed or warned.');
  }
  return text;
}

function collectOutput(text: string, outputs: readonly Output[]): Output[] {
  const [, format = '', file = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  const known = OUTPUTS.find((name) => name === format);
  if (known === undefined) {
    throw new InvalidArgumentError(
      `Expected a format and a file, such as junit=verdicts.xml; formats: ${OUTPUTS.join(', ')}.`,
    );
  }
  return [...outputs, { format: known, file }];
}
