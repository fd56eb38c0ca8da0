import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, nameOf } from '@provehouse/infra';
import { connectAirflow } from '@provehouse/infra/airflow';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodeOf } from '../check-run.ts';
import { runEndToEnd, selectedChecks, type EndToEndOptions } from '../e2e-run.ts';
import { factsOfRun } from '../report/environment.ts';
import { writeRunResults } from '../report/run-report.ts';
import { resultsFolder } from '../results-folder.ts';
import { saveRun } from '../saved-run.ts';
import { readTarget, withTargetOptions } from '../target.ts';
import { timeoutSeconds } from '../timeout-option.ts';
import { STATUSES } from '../verdict.ts';
import { verifiedRun } from '../verified-run.ts';
import { deliver, withOutputs, type OutputFlags } from './output-options.ts';
import { checkNames } from './selection-options.ts';

/**
 * The command that runs the pipeline and every check. It sets the exit code 0 or 1; what could not run
 * is thrown, for the program to print and to exit with 2.
 */
export const e2e = withOutputs(
  withTargetOptions(
    new Command('e2e').description('Run the pipeline and every check on a running platform.'),
  )
    .option('--rows <count>', "rows that the run loads (default: the contract's)", rowCount)
    .option('--only <checks>', 'names of the checks to run, with commas between them', checkNames)
    .option(
      '--timeout <time>',
      'how long the run may take: minutes, or a duration such as 90s or 1h30m (default: 10)',
      timeoutSeconds,
    ),
)
  .addHelpText('after', '\nExit codes: 0 all is proven, 1 something is not, 2 could not run.')
  .exitOverride()
  .action(async ({ output, json, timeout, ...options }: Flags) => {
    const given = { ...options, ...(timeout !== undefined && { timeoutSeconds: timeout }) };
    process.exitCode = await verifyEndToEnd(given, { output, json });
  });

type Flags = EndToEndOptions & OutputFlags & { readonly timeout?: number };

/** Runs the pipeline and its checks, and prints the verdicts; gives the exit code. @throws what makes a run impossible */
async function verifyEndToEnd(options: EndToEndOptions, flags: OutputFlags): Promise<0 | 1> {
  const begin = performance.now();
  selectedChecks(options);
  const target = await readTarget(options);
  const { deployment } = target;
  const airflow = connectAirflow(deployment, target.secrets);
  await airflow.login();
  const results = resultsFolder(options);
  await using _lock = await lockFile(join(results.root, 'e2e.lock'), (owner) =>
    [
      `${nameOf(owner)} has been verifying ${deployment.name} end to end${owner ? ` since ${timeOf(owner.since)}` : ''} (verify:e2e).`,
      'Its run and that of another would rewrite the same tables: wait for it, or end it and try again.',
    ].join(' '),
  );
  for (const path of [results.allureResults, results.verdicts, results.contract]) {
    await rm(path, { recursive: true, force: true });
  }
  const progress = startProgress();
  progress('running the pipeline');
  const run = await runEndToEnd(options, target, airflow, {
    tell: progress,
    onVerdict: ({ status, title }) => progress(`${status.padEnd(STATUS_WIDTH)}  ${title}`),
  });
  await writeRunResults(results.allureResults, run);
  const saved = verifiedRun(
    deployment,
    run.judged.map(({ verdict }) => verdict),
    {
      ...{ durationMs: performance.now() - begin, runId: run.context.run.runId },
      done: factsOfRun(run.context.run),
    },
  );
  await copyFile(options.contract, results.contract);
  await saveRun(results.verdicts, saved);
  await deliver(saved, flags);
  if (!flags.json) process.stdout.write(`\nVerdicts as JSON: ${results.verdicts}\n`);
  return exitCodeOf(saved.verdicts);
}

const STATUS_WIDTH = Math.max(...STATUSES.map((status) => status.length));

/** Says on stderr what goes on, each line after the time since the beginning. */
function startProgress(): (line: string) => void {
  const begin = performance.now();
  return (line) => {
    const elapsed = `${((performance.now() - begin) / 1000).toFixed(1)} s`.padStart(8);
    process.stderr.write(`${elapsed}  ${line}\n`);
  };
}

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function rowCount(text: string): number {
  const rows = Number(text);
  if (!/^\d+$/.test(text) || rows < 1 || rows > 10_000_000) {
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000000.');
  }
  return rows;
}
