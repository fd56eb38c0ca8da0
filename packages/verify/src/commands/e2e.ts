import { copyFile } from 'node:fs/promises';
import { connectAirflow } from '@provehouse/infra/airflow';
import { Command, InvalidArgumentError, Option } from 'commander';
import { exitCodeOf } from '../check-run.ts';
import { runEndToEnd, selectedChecks, type EndToEndOptions } from '../e2e-run.ts';
import { openEndToEndResults } from '../end-to-end-results.ts';
import { factsOfRun } from '../report/environment.ts';
import { writeRunResults } from '../report/run-report.ts';
import { resultsFolder } from '../results-folder.ts';
import { saveRun } from '../saved-run.ts';
import { readTarget, withTargetOptions } from '../target.ts';
import { timeoutSeconds } from '../timeout-option.ts';
import { verifiedRun } from '../verified-run.ts';
import { deliver, withOutputs, type OutputFlags } from './output-options.ts';
import { progressOf, startProgress } from './progress.ts';
import { checkNames } from './selection-options.ts';

/**
 * The command that runs the pipeline and every check. It sets the exit code 0 or 1; what could not run
 * is thrown, for the program to print and to exit with 2.
 */
export const e2e = withOutputs(
  withTargetOptions(
    new Command('e2e').description('Run the pipeline and every check on a running platform.'),
  )
    .addOption(
      new Option(
        '--all-pipelines',
        "run every pipeline whose modules the platform has, each by its contract in this project's folder",
      ).conflicts(['contract', 'rows']),
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
  .action(async ({ output, json, timeout, allPipelines, ...options }: Flags) => {
    const given = { ...options, ...(timeout !== undefined && { timeoutSeconds: timeout }) };
    const verify = allPipelines
      ? (await import('./all-pipelines.ts')).verifyAllPipelines
      : verifyEndToEnd;
    process.exitCode = await verify(given, { output, json });
  });

type Flags = EndToEndOptions &
  OutputFlags & { readonly timeout?: number; readonly allPipelines?: boolean };

/** Runs the pipeline and its checks, and prints the verdicts; gives the exit code. @throws what makes a run impossible */
async function verifyEndToEnd(options: EndToEndOptions, flags: OutputFlags): Promise<0 | 1> {
  const begin = performance.now();
  selectedChecks(options);
  const target = await readTarget(options);
  const { deployment } = target;
  const airflow = connectAirflow(deployment, target.secrets);
  await airflow.login();
  const results = resultsFolder(options);
  await using _lock = await openEndToEndResults(results, deployment.name);
  const progress = startProgress();
  progress('running the pipeline');
  const run = await runEndToEnd(options, target, airflow, {
    tell: progress,
    onVerdict: (verdict) => progress(progressOf(verdict)),
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

function rowCount(text: string): number {
  const rows = Number(text);
  if (!/^\d+$/.test(text) || rows < 1 || rows > 10_000_000) {
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000000.');
  }
  return rows;
}
