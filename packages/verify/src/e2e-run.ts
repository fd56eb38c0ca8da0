import { ProvehouseError } from '@provehouse/secrets';
import { connectAirflow, connectFlower } from '@provehouse/infra/airflow';
import { runPipeline, type RunName } from './airflow/run-pipeline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from './airflow/wait-for-run.ts';
import type { Check, PlatformContext } from './check.ts';
import { runCheck, selectChecks } from './check-run.ts';
import { componentHealth } from './checks/component-health.ts';
import { clusterChecks } from './checks/index.ts';
import { platformChecks } from './checks/platform.ts';
import { repeatRun } from './checks/repeat-run.ts';
import { reachAnyOf } from './clickhouse/reachable.ts';
import { expectVerdicts, judgeEnded, judgeUnfinished } from './e2e-verdicts.ts';
import { askForPlots, type AskedPlots } from './report/run-plots.ts';
import { readTarget, type TargetOptions } from './target.ts';
import { observeUnfinished } from './unfinished-run.ts';
import type { Verdict } from './verdict.ts';

/** Options of an end-to-end run. */
export interface EndToEndOptions extends TargetOptions {
  readonly rows?: number | undefined;
  readonly only?: readonly string[] | undefined;
  /** How long a run of the pipeline may take; ten minutes unless it is said. */
  readonly timeoutSeconds?: number | undefined;
  /** A run that was started with these options; otherwise one is started. */
  readonly run?: RunName | undefined;
}

/** What a run is triggered with, over the contract's own. */
export const configurationOf = ({ rows }: Pick<EndToEndOptions, 'rows'>): { rows?: number } =>
  rows === undefined ? {} : { rows };

/** Thrown when a platform cannot be verified end to end at all. */
export class EndToEndError extends ProvehouseError {
  override readonly name = 'EndToEndError';
}

/** A run of the pipeline that has ended, or for which nobody waits any more, and the verdicts as they come. */
export interface EndToEndRun extends AsyncDisposable {
  readonly context: PlatformContext;
  /** The verdict of each check by its name; of one that was not chosen when it says why others were not run. */
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

/** The checks that the options select. @throws UnknownCheckError */
export const selectedChecks = ({ only }: Pick<EndToEndOptions, 'only'>): readonly Check[] =>
  selectChecks(endToEndChecks, only);

/**
 * Runs the pipeline once and then the checks side by side; `repeat-run`, which rewrites the tables,
 * comes after all that look at rows. Airflow's health is looked at first: it has its verdict also when
 * the run never ends.
 * @param tell called with what somebody who waits wants to know at once
 * @throws DeploymentError, ContractError, SecretsError, TargetError, EndToEndError when there is nothing
 * to check
 */
export async function startEndToEnd(
  options: EndToEndOptions,
  tell: (line: string) => void = () => undefined,
): Promise<EndToEndRun> {
  const checks = selectedChecks(options);
  const { deployment, contract, secrets, administrator } = await readTarget(options);
  const { pipeline } = contract;
  if (pipeline === undefined) {
    throw new EndToEndError(
      `${options.contract} has no pipeline to run. Use verify:cluster, or add one.`,
    );
  }
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const airflow = connectAirflow(deployment, secrets);
  const asked = options.rows ?? pipeline.conf['rows'];
  const known = { ...(typeof asked === 'number' && { rows: asked }) };
  const health = runCheck(componentHealth, {
    ...{ deployment, contract, secrets, airflow },
    parameters: known,
  });
  void health.then((verdict) => tellBad(verdict, tell));
  const ended = await runPipeline(airflow, pipeline, configurationOf(options), {
    ...{ timeoutSeconds, run: options.run },
    flower: connectFlower(deployment, secrets),
    onWaiting: (reasons) => tell(`the run waits: ${reasons.join(' ')}`),
  }).catch((error: unknown) => observeUnfinished(airflow, pipeline, error, timeoutSeconds));
  const unfinished = 'notJudged' in ended ? ended : undefined;
  const run = 'notJudged' in ended ? ended.run : ended;
  const cluster = await reachAnyOf(deployment, administrator, ({ message }) => tell(message));
  const context: PlatformContext = {
    ...{ deployment, contract, secrets, cluster, airflow, run },
    ...(typeof asked === 'number' && { expectedRows: asked }),
    parameters: { ...run.parameters, ...known },
    runTimeoutSeconds: timeoutSeconds,
  };
  const { verdicts, settle } = expectVerdicts(checks);
  const plots = Promise.withResolvers<ReadonlyMap<string, AskedPlots>>();
  const others = checks.filter((check) => check !== componentHealth);
  const judge = async (): Promise<void> => {
    const healthVerdict = await health;
    if (others.length < checks.length || unfinished) settle(healthVerdict);
    if (unfinished) {
      plots.resolve(withoutPlots(checks));
      await judgeUnfinished(others, unfinished, context, settle);
    } else {
      await judgeEnded(others, context, settle, async () =>
        plots.resolve(await askForPlots(checks, context)),
      );
    }
  };
  const all = judge();
  return {
    ...{ context, verdicts, plots: plots.promise },
    async [Symbol.asyncDispose]() {
      await all;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

const withoutPlots = (checks: readonly Check[]): ReadonlyMap<string, AskedPlots> =>
  new Map(checks.map(({ name }) => [name, { status: 'fulfilled', value: [] }]));

/** Tells of what is wrong long before the verdicts. */
function tellBad({ title, findings }: Verdict, tell: (line: string) => void): void {
  for (const { status, subject, observed } of findings) {
    if (status === 'failed') tell(`failed   ${title}: ${subject ?? ''}: ${observed}`);
  }
}
