import { wholeNumber } from '@provehouse/infra';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodeOf, selectChecks } from '../check-run.ts';
import { clusterChecks } from '../checks/index.ts';
import { reachCluster } from '../clickhouse/reachable.ts';
import type { SilentNodeError } from '../clickhouse/silent-node.ts';
import type { Parameters } from '../contract/parameters.ts';
import { runClusterChecks } from '../run-cluster-checks.ts';
import { readTarget, withTargetOptions, type TargetOptions } from '../target.ts';
import { verifiedRun } from '../verified-run.ts';
import { deliver, withOutputs, type OutputFlags } from './output-options.ts';
import { checkNames } from './selection-options.ts';

interface ClusterOptions extends TargetOptions, OutputFlags {
  readonly rows?: number;
  readonly parameter: Parameters;
  readonly only?: readonly string[];
  readonly checkParts?: true;
}

/**
 * The command that runs the ClickHouse checks alone. It sets the exit code 0 or 1; what could not
 * run is thrown, wrong options as commander's error, for the program to print and to exit with 2.
 */
export const cluster = withOutputs(
  withTargetOptions(
    new Command('cluster').description('Run the ClickHouse checks alone, on any deployment file.'),
  )
    .option('--rows <count>', 'rows that must be there (default: not known)', wholeNumber)
    .option(
      '--parameter <name=value>',
      'a fact that the contract names as $name, such as as_of=2026-06-15 (repeatable)',
      collectParameter,
      {},
    )
    .option('--only <checks>', 'names of the checks to run, with commas between them', checkNames)
    .option(
      '--check-parts',
      'ask for the checksums of parts also on a cluster that somebody else runs; a replicated table fetches broken parts again',
    ),
)
  .addHelpText(
    'after',
    () =>
      `\nChecks:\n${listChecks()}\n\nExit codes: 0 all is proven, 1 something is not, 2 could not run.`,
  )
  .exitOverride()
  .action(async (options: ClusterOptions) => {
    process.exitCode = await verifyCluster(options);
  });

/**
 * Runs the checks of the ClickHouse nodes and prints their verdicts; gives the exit code.
 * @throws UnknownCheckError, UnreachableClusterError and what readTarget throws, before any check
 */
async function verifyCluster(options: ClusterOptions): Promise<0 | 1> {
  const checks = selectChecks(clusterChecks, options.only);
  const { deployment, contract, secrets, secretsFile, administrator } = await readTarget(options);
  await using cluster = await reachCluster(deployment, administrator, secretsFile, tellSilent);
  const verdicts = await runClusterChecks(checks, {
    ...{ deployment, contract, cluster, secrets },
    ...(options.rows !== undefined && { expectedRows: options.rows }),
    ...(options.checkParts && { checkParts: true }),
    parameters: {
      ...(options.rows !== undefined && { rows: options.rows }),
      ...options.parameter,
    },
  });
  // Since the process was started.
  await deliver(verifiedRun(deployment, verdicts, { durationMs: performance.now() }), options);
  return exitCodeOf(verdicts);
}

/** Says at once which node is left out, long before the verdicts. */
function tellSilent({ message }: SilentNodeError): void {
  process.stderr.write(`${message}\nIt is not asked again; the other nodes are verified.\n`);
}

function collectParameter(text: string, parameters: Parameters): Parameters {
  const [, name, value] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Expected a name and a value, such as as_of=2026-06-15.');
  }
  return { ...parameters, [name]: value };
}

function listChecks(): string {
  const width = Math.max(...clusterChecks.map(({ name }) => name.length));
  return clusterChecks.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}
