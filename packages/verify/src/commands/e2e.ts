import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, nameOf } from '@provehouse/infra';
import { AirflowError, connectAirflow, tail, type AirflowClient } from '@provehouse/infra/airflow';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { triggerPipeline, type RunName } from '../airflow/run-pipeline.ts';
import { exitCodeOf, overall } from '../check-run.ts';
import type { Contract } from '../contract/contract.ts';
import {
  configurationOf,
  EndToEndError,
  selectedChecks,
  type EndToEndOptions,
} from '../e2e-run.ts';
import { resultsFolder, type ResultsFolder } from '../results-folder.ts';
import { readRun } from '../saved-run.ts';
import { readTarget, withTargetOptions } from '../target.ts';
import { timeoutSeconds } from '../timeout-option.ts';
import { paintFor, renderVerdicts } from './verdict-table.ts';

/** How much of what the suite says is kept for the error that it ended without verdicts. */
const LAST_CHARACTERS = 2000;

const SUITE = join(import.meta.dirname, '../../e2e');

/**
 * The command that runs the pipeline and every check. It sets the exit code 0 or 1; what could not run
 * is thrown, for the program to print and to exit with 2.
 */
export const e2e = withTargetOptions(
  new Command('e2e').description('Run the pipeline and every check on a running platform.'),
)
  .option('--rows <count>', "rows that the run loads (default: the contract's)", rowCount)
  .option('--only <checks>', 'names of the checks to run, with commas between them', (names) =>
    names.split(',').map((name) => name.trim()),
  )
  .option(
    '--timeout <time>',
    'how long the run may take: minutes, or a duration such as 90s or 1h30m (default: 10)',
    timeoutSeconds,
  )
  .option('--json', 'print the verdicts as JSON', false)
  .addHelpText('after', '\nExit codes: 0 all is proven, 1 something is not, 2 could not run.')
  .exitOverride()
  .action(async ({ json, timeout, ...options }: Flags) => {
    const given = { ...options, ...(timeout !== undefined && { timeoutSeconds: timeout }) };
    process.exitCode = await verifyEndToEnd(given, json);
  });

type Flags = EndToEndOptions & { readonly json: boolean; readonly timeout?: number };

/** Runs the suite and prints its verdicts; gives the exit code. @throws what makes a run impossible */
async function verifyEndToEnd(options: EndToEndOptions, json: boolean): Promise<0 | 1> {
  selectedChecks(options);
  const { deployment, contract, secrets } = await readTarget(options);
  const airflow = connectAirflow(deployment, secrets);
  await airflow.login();
  const results = resultsFolder(options);
  await using _lock = await lockFile(join(results.root, 'e2e.lock'), (owner) =>
    [
      `${nameOf(owner)} has been verifying ${deployment.name} end to end${owner ? ` since ${timeOf(owner.since)}` : ''} (verify:e2e).`,
      'Its run and that of another would rewrite the same tables: wait for it, or end it and try again.',
    ].join(' '),
  );
  for (const path of [results.allureResults, results.verdicts, results.failure]) {
    await rm(path, { recursive: true, force: true });
  }
  const run = await startAhead(airflow, contract, options);
  const ending = await runSuite({ ...options, ...(run && { run }) });
  const saved = await readRun(results.verdicts).catch(async (cause: unknown) => {
    throw new EndToEndError((await failureOf(results)) ?? withoutVerdicts(ending), { cause });
  });
  const { verdicts } = saved;
  process.stdout.write(
    json
      ? `${JSON.stringify({ ...saved, status: overall(verdicts) }, null, 2)}\n`
      : `${renderVerdicts(verdicts, paintFor(process.stdout))}\n\nVerdicts as JSON: ${results.verdicts}\n`,
  );
  return exitCodeOf(verdicts);
}

/**
 * Starts the run of the pipeline while the suite is still loading, which takes as long as half of it.
 * Where it cannot be started at once, the suite waits for what it needs, or says why it cannot be.
 */
async function startAhead(
  airflow: AirflowClient,
  { pipeline }: Contract,
  options: EndToEndOptions,
): Promise<RunName | undefined> {
  if (pipeline === undefined) return undefined;
  try {
    return await triggerPipeline(airflow, pipeline, configurationOf(options));
  } catch (error) {
    if (error instanceof AirflowError) return undefined;
    throw error;
  }
}

/** How the suite ended, and the last that it said. */
interface Ending {
  readonly how: string;
  readonly lastLines: string;
}

/** Runs vitest to its end; what it found is in the results, whatever its exit code. */
async function runSuite(options: EndToEndOptions): Promise<Ending> {
  const vitest = new URL('vitest.mjs', import.meta.resolve('vitest/package.json')).pathname;
  const words = [vitest, 'run', '--config', join(SUITE, 'vitest.config.ts')];
  const child = spawn(process.execPath, words, {
    cwd: SUITE,
    env: { ...process.env, PROVEHOUSE_E2E_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let lastLines = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    process.stderr.write(text);
    lastLines = tail(lastLines + text, LAST_CHARACTERS);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by the signal ${signal}`;
  return { how, lastLines };
}

const withoutVerdicts = ({ how, lastLines }: Ending): string =>
  `The suite ended without verdicts, ${how}. ` +
  (lastLines.trim() === '' ? 'It said nothing.' : `The last that it said:\n${lastLines.trimEnd()}`);

/** Why the run could not be made, if the suite came to say so. */
async function failureOf({ failure }: ResultsFolder): Promise<string | undefined> {
  const text = await readFile(failure, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return z.object({ message: z.string() }).parse(JSON.parse(text)).message;
}

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function rowCount(text: string): number {
  const rows = Number(text);
  if (!/^\d+$/.test(text) || rows < 1 || rows > 10_000_000) {
    throw new InvalidArgumentError('Expected a whole number from 1 to 10000000.');
  }
  return rows;
}
