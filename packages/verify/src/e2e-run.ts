import { connectAirflow } from './airflow/airflow-client.ts';
import { runPipeline } from './airflow/run-pipeline.ts';
import type { Check, PlatformContext } from './check.ts';
import { runCheck, runChecks, selectChecks } from './check-run.ts';
import { clusterChecks } from './checks/index.ts';
import { platformChecks } from './checks/platform.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { repeatRun } from './checks/repeat-run.ts';
import { connectCluster } from './clickhouse/connect-cluster.ts';
import { askForPlots, type AskedPlots } from './report/run-plots.ts';
import { readTarget, type TargetOptions } from './target.ts';
import type { Verdict } from './verdict.ts';

/** What an end-to-end run may be told. */
export interface EndToEndOptions extends TargetOptions {
  readonly rows?: number | undefined;
  readonly only?: readonly string[] | undefined;
}

/** Thrown when a platform cannot be verified end to end at all. */
export class EndToEndError extends Error {
  override readonly name = 'EndToEndError';
}

/** A run of the pipeline that has ended, and the verdicts on it as they come. */
export interface EndToEndRun extends AsyncDisposable {
  readonly context: PlatformContext;
  /** The verdict of each check by its name. */
  readonly verdicts: ReadonlyMap<string, Promise<Verdict>>;
  /** What the pictures of each check show, as it was before the second run. */
  readonly plots: Promise<ReadonlyMap<string, AskedPlots>>;
}

/** All checks of an end-to-end run, those of the platform first. */
export const endToEndChecks: readonly Check[] = [
  ...platformChecks.filter((check) => check !== repeatRun),
  ...clusterChecks,
  repeatRun,
];

/** Whether a check looks at rows, which must not be rewritten meanwhile. */
const readsRows = (check: Check): boolean => check.scope === 'cluster' || check === reconciliation;

/** The checks that the options select. @throws UnknownCheckError */
export const selectedChecks = ({ only }: Pick<EndToEndOptions, 'only'>): readonly Check[] =>
  selectChecks(endToEndChecks, only);

/**
 * Runs the pipeline once and then the checks side by side; `repeat-run`, which rewrites the tables,
 * comes after all that look at rows.
 * @throws DeploymentError, ContractError, SecretsError, TargetError, AirflowError, RunTimeoutError,
 * EndToEndError when there is nothing to check
 */
export async function startEndToEnd(options: EndToEndOptions): Promise<EndToEndRun> {
  const checks = selectedChecks(options);
  const { deployment, contract, secrets, administrator } = await readTarget(options);
  const { pipeline } = contract;
  if (pipeline === undefined) {
    throw new EndToEndError(
      `${options.contract} has no pipeline to run. Use verify:cluster, or add one.`,
    );
  }
  const airflow = connectAirflow(deployment, secrets);
  const conf = options.rows === undefined ? {} : { rows: options.rows };
  const run = await runPipeline(airflow, pipeline, conf);
  const cluster = connectCluster(deployment, administrator);
  const asked = options.rows ?? pipeline.conf['rows'];
  const context: PlatformContext = {
    ...{ deployment, contract, secrets, cluster, airflow, run },
    ...(typeof asked === 'number' && { expectedRows: asked }),
    parameters: { ...run.parameters, ...(typeof asked === 'number' && { rows: asked }) },
  };
  const settled = new Map(
    checks.map((check) => [check.name, Promise.withResolvers<Verdict>()] as const),
  );
  const settle = (verdict: Verdict): void => settled.get(verdict.check)?.resolve(verdict);
  const onRows = checks.filter(readsRows);
  const onAirflow = checks.filter((check) => !readsRows(check) && check !== repeatRun);
  const plots = runChecks(onRows, context, settle).then(() => askForPlots(checks, context));
  const all = Promise.all([
    runChecks(onAirflow, context, settle),
    plots.then(async () => {
      if (checks.includes(repeatRun)) settle(await runCheck(repeatRun, context));
    }),
  ]);
  return {
    context,
    plots,
    verdicts: new Map([...settled].map(([name, { promise }]) => [name, promise])),
    async [Symbol.asyncDispose]() {
      await all;
      await cluster[Symbol.asyncDispose]();
    },
  };
}
