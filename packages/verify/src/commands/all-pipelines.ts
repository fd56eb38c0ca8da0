import { readdir, writeFile, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { connectAirflow } from '@provehouse/infra/airflow';
import { exitCodeOf } from '../check-run.ts';
import { EndToEndError, runEndToEnd, selectedChecks, type EndToEndOptions } from '../e2e-run.ts';
import { openEndToEndResults } from '../end-to-end-results.ts';
import { howToGet, missingModules } from '../missing-modules.ts';
import { environmentOf, factsOfRun, writeEnvironment } from '../report/environment.ts';
import { writeRunResults } from '../report/run-report.ts';
import { resultsFolder } from '../results-folder.ts';
import { saveRun } from '../saved-run.ts';
import { DEFAULT_CONTRACT, readTarget, type Target } from '../target.ts';
import { worst, type Verdict } from '../verdict.ts';
import { verifiedRun, type VerifiedPipeline } from '../verified-run.ts';
import { deliver, type OutputFlags } from './output-options.ts';
import { progressOf, startProgress } from './progress.ts';

/** The folder whose contracts are those of the platform's pipelines. */
const CONTRACTS = dirname(DEFAULT_CONTRACT);

/** A contract with a pipeline, and the platform that it is held against. */
interface PipelineTarget {
  readonly dag: string;
  readonly file: string;
  readonly target: Target;
}

/**
 * Runs every pipeline that has a contract, one after the other, with its checks, and prints the verdicts
 * by pipeline; one whose modules the platform lacks is skipped, with the reason. Gives the exit code
 * over all. @throws what makes any run impossible
 */
export async function verifyAllPipelines(
  options: EndToEndOptions,
  flags: OutputFlags,
): Promise<0 | 1> {
  const begin = performance.now();
  selectedChecks(options);
  const all = await readPipelines(options);
  const [first] = all;
  if (first === undefined) {
    throw new EndToEndError(`Expected contracts with a pipeline in ${CONTRACTS}, found none.`);
  }
  const { deployment, secrets } = first.target;
  const airflow = connectAirflow(deployment, secrets);
  await airflow.login();
  const results = resultsFolder(options);
  await using _lock = await openEndToEndResults(results, deployment.name);
  const tell = startProgress();
  const verdicts: Verdict[] = [];
  const pipelines: VerifiedPipeline[] = [];
  const facts: Record<string, string> = {};
  for (const { dag, file, target } of all) {
    const since = performance.now();
    const missing = missingModules(target.contract, deployment);
    if (missing.length > 0) {
      const reason = howToGet(missing);
      tell(progressOf({ status: 'skipped', title: `${dag}: ${reason}` }));
      pipelines.push({ pipeline: dag, status: 'skipped', durationMs: 0, reason });
      continue;
    }
    tell(`running ${dag}`);
    const run = await runEndToEnd({ ...options, contract: file }, target, airflow, {
      tell,
      onVerdict: (verdict) => tell(progressOf({ ...verdict, title: titled(dag, verdict) })),
    });
    const own = run.judged.map(({ verdict }) => ({
      ...verdict,
      ...{ title: titled(dag, verdict), pipeline: dag },
    }));
    await writeRunResults(results.allureResults, run, dag);
    verdicts.push(...own);
    const { runId } = run.context.run;
    const status = worst(own.map((verdict) => verdict.status));
    pipelines.push({ pipeline: dag, status, durationMs: performance.now() - since, runId });
    for (const [name, value] of Object.entries(factsOfRun(run.context.run))) {
      facts[`${dag}: ${name.replace('Run: ', '')}`] = value;
    }
    // Of each run it is written for itself; here it is to be of all.
    const { Run: _, ...environment } = environmentOf(run.context);
    await writeEnvironment(results.allureResults, { ...environment, ...facts });
  }
  const durationMs = performance.now() - begin;
  const saved = { ...verifiedRun(deployment, verdicts, { durationMs, done: facts }), pipelines };
  await writeFile(results.contract, await joined(all));
  await saveRun(results.verdicts, saved);
  await deliver(saved, flags);
  if (!flags.json) process.stdout.write(`\nVerdicts as JSON: ${results.verdicts}\n`);
  return exitCodeOf(saved.verdicts);
}

const titled = (dag: string, { title }: Pick<Verdict, 'title'>): string => `${dag}: ${title}`;

/** The contracts that have a pipeline, by name. @throws as `readTarget` */
async function readPipelines(options: EndToEndOptions): Promise<readonly PipelineTarget[]> {
  const files = (await readdir(CONTRACTS)).filter((name) => name.endsWith('.yaml')).sort();
  const targets = await Promise.all(
    files.map(async (name) => {
      const file = join(CONTRACTS, name);
      return { file, target: await readTarget({ ...options, contract: file }) };
    }),
  );
  return targets.flatMap(({ file, target }) => {
    const { pipeline } = target.contract;
    return pipeline === undefined ? [] : [{ dag: pipeline.dag, file, target }];
  });
}

/** The contracts as one file of several YAML documents. */
async function joined(pipelines: readonly PipelineTarget[]): Promise<string> {
  const texts = await Promise.all(
    pipelines.map(async ({ file }) => `# ${basename(file)}\n${await readFile(file, 'utf8')}`),
  );
  return texts.join('---\n');
}
