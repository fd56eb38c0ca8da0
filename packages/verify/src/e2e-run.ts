import { ProvehouseError } from '@provehouse/secrets';
import { connectFlower, type AirflowClient } from '@provehouse/infra/airflow';
import { runPipeline } from './airflow/run-pipeline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from './airflow/wait-for-run.ts';
import {
  isIndependentOfRun,
  type Check,
  type ClusterCheck,
  type PlatformContext,
  type RunlessCheck,
  type RunlessContext,
} from './check.ts';
import { runCheck, runChecks, selectChecks, type OnVerdict } from './check-run.ts';
import { componentHealth } from './checks/component-health.ts';
import { clusterChecks } from './checks/index.ts';
import { platformChecks } from './checks/platform.ts';
import { repeatRun } from './checks/repeat-run.ts';
import { reachAnyOf } from './clickhouse/reachable.ts';
import { judgeEnded, judgeUnfinished } from './e2e-verdicts.ts';
import type { DrawnPictures } from './report/check-allure.ts';
import { howToGet, missingModules } from './missing-modules.ts';
import { askForPlots, drawPlots } from './report/run-plots.ts';
import type { Target, TargetOptions } from './target.ts';
import { observeUnfinished } from './unfinished-run.ts';
import type { Verdict } from './verdict.ts';

/** Options of an end-to-end run. */
export interface EndToEndOptions extends TargetOptions {
  readonly rows?: number | undefined;
  readonly only?: readonly string[] | undefined;
  /** How long a run of the pipeline may take; ten minutes unless it is said. */
  readonly timeoutSeconds?: number | undefined;
}

/** What a run is triggered with, over the contract's own. */
export const configurationOf = ({ rows }: Pick<EndToEndOptions, 'rows'>): { rows?: number } =>
  rows === undefined ? {} : { rows };

/** Thrown when a platform cannot be verified end to end at all. */
export class EndToEndError extends ProvehouseError {
  override readonly name = 'EndToEndError';
}

/** What somebody who waits for an end-to-end run hears. */
export interface EndToEndListener {
  readonly onVerdict: OnVerdict;
  /** Receives what somebody who waits wants to know at once. */
  readonly tell: (line: string) => void;
}

/** A check, its verdict, and when it ended, in milliseconds since 1970. */
export interface JudgedCheck {
  readonly check: Check;
  readonly verdict: Verdict;
  readonly endedAt: number;
}

/** A run of the pipeline that has ended, or for which nobody waits any more, and the verdicts on it. */
export interface JudgedRun {
  readonly context: PlatformContext;
  /** The checks that were chosen, and those that say why others were not run; in the order of all checks. */
  readonly judged: readonly JudgedCheck[];
  /** The pictures of each check by its name: what they show is as it was before the second run. */
  readonly pictures: ReadonlyMap<string, DrawnPictures>;
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
 * comes after all that look at rows. What does not depend on the run is judged while it is under way:
 * Airflow's health has its verdict also when the run never ends.
 * @throws EndToEndError when there is nothing to run
 */
export async function runEndToEnd(
  options: EndToEndOptions,
  { deployment, contract, secrets, administrator }: Target,
  airflow: AirflowClient,
  { onVerdict, tell }: EndToEndListener,
): Promise<JudgedRun> {
  const checks = selectedChecks(options);
  const { pipeline } = contract;
  if (pipeline === undefined) {
    throw new EndToEndError(
      `${options.contract} has no pipeline to run. Use verify:cluster, or add one.`,
    );
  }
  const missing = missingModules(contract, deployment);
  if (missing.length > 0) {
    throw new EndToEndError(`${pipeline.dag} cannot run here. ${howToGet(missing)}`);
  }
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  const asked = options.rows ?? pipeline.conf['rows'];
  const expectedRows = typeof asked === 'number' ? { rows: asked } : {};
  const triggered = Promise.withResolvers<undefined>();
  const running = runPipeline(airflow, pipeline, configurationOf(options), {
    timeoutSeconds,
    flower: connectFlower(deployment, secrets),
    onWaiting: (reasons) => tell(`the run waits: ${reasons.join(' ')}`),
    onTriggered: () => triggered.resolve(undefined),
  })
    .catch((error: unknown) => observeUnfinished(airflow, pipeline, error, timeoutSeconds))
    .finally(() => triggered.resolve(undefined));
  // It is waited for below; until then it may fail as well.
  running.catch(() => undefined);
  await using cluster = await reachAnyOf(deployment, administrator, ({ message }) => tell(message));
  const before: RunlessContext = {
    ...{ deployment, contract, secrets, cluster, airflow, parameters: expectedRows },
  };
  const judged = new Map<string, JudgedCheck>();
  const settle = (verdict: Verdict): void => {
    const check = endToEndChecks.find(({ name }) => name === verdict.check);
    if (check === undefined) throw new RangeError(`${verdict.check} is no check of a run`);
    judged.set(verdict.check, { check, verdict, endedAt: Date.now() });
    onVerdict(verdict);
  };
  const health = runCheck(componentHealth, before);
  void health.then((verdict) => tellBad(verdict, tell));
  // Before the trigger they would only delay it.
  const independent = triggered.promise.then(() =>
    runChecks(checks.filter(isBesideRun), before, settle, BESIDE_RUN),
  );
  const ended = await running;
  const unfinished = 'notJudged' in ended ? ended : undefined;
  const run = 'notJudged' in ended ? ended.run : ended;
  const context: PlatformContext = {
    ...before,
    run,
    ...(typeof asked === 'number' && { expectedRows: asked }),
    parameters: { ...run.parameters, ...expectedRows },
    runTimeoutSeconds: timeoutSeconds,
  };
  let pictures: Promise<ReadonlyMap<string, DrawnPictures>> = Promise.resolve(new Map());
  const others = checks.filter((check) => check !== componentHealth && !isBesideRun(check));
  if (checks.includes(componentHealth) || unfinished) settle(await health);
  if (unfinished) await judgeUnfinished(others, unfinished, context, settle);
  else {
    await judgeEnded(others, context, settle, async () => {
      pictures = drawPlots(await askForPlots(checks, context));
    });
  }
  await independent;
  return {
    context,
    judged: endToEndChecks.flatMap(({ name }) => judged.get(name) ?? []),
    pictures: await pictures,
  };
}

/** How many checks are judged at once while the run goes on, which is not to wait for them. */
const BESIDE_RUN = 2;

/** Whether a check is judged while the run is under way; that of Airflow's health comes with the others. */
const isBesideRun = (check: Check): check is ClusterCheck | RunlessCheck =>
  isIndependentOfRun(check) && check !== componentHealth;

/** Tells of what is wrong long before the verdicts. */
function tellBad({ title, findings }: Verdict, tell: (line: string) => void): void {
  for (const { status, subject, observed } of findings) {
    if (status === 'failed') tell(`failed   ${title}: ${subject ?? ''}: ${observed}`);
  }
}
