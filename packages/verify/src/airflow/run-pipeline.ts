import type { AirflowClient } from '@provehouse/infra/airflow';
import type { Contract } from '../contract/contract.ts';
import { observeRun, type ObservedRun } from './observed-run.ts';
import { PARSED_WITHIN_SECONDS, waitForDag } from './wait-for-dag.ts';
import { waitForRun, type WaitOptions } from './wait-for-run.ts';

type Pipeline = NonNullable<Contract['pipeline']>;
type Configuration = Readonly<Record<string, unknown>>;

/** What names a run of a DAG. */
export type RunName = Pick<ObservedRun, 'dagId' | 'runId'>;

/**
 * Starts a run of the contract's pipeline, whose DAG Airflow must have parsed.
 * @param conf what the run is triggered with, over the contract's own
 * @throws AirflowError when Airflow does not answer or has no such DAG
 */
export async function triggerPipeline(
  airflow: AirflowClient,
  { dag, conf: own }: Pipeline,
  conf: Configuration = {},
): Promise<RunName> {
  await airflow.unpause(dag);
  const { dagId, runId } = await airflow.trigger(dag, { ...own, ...conf });
  return { dagId, runId };
}

/** How a run is waited for. */
export interface RunOptions extends WaitOptions {
  /** The run, if it was started before. */
  readonly run?: RunName | undefined;
  /** Called when Airflow has taken the run that is started here. */
  readonly onTriggered?: (run: RunName) => void;
}

/**
 * Runs the contract's pipeline once and gives what Airflow says of the run, whether it succeeded or
 * failed.
 * @param conf what the run is triggered with, over the contract's own
 * @throws AirflowError when Airflow does not answer or has no such DAG
 * @throws RunTimeoutError when the run does not end in time
 */
export async function runPipeline(
  airflow: AirflowClient,
  pipeline: Pipeline,
  conf: Configuration = {},
  options: RunOptions = {},
): Promise<ObservedRun> {
  const { timeoutSeconds = PARSED_WITHIN_SECONDS, onWaiting, onTriggered } = options;
  let { run } = options;
  if (run === undefined) {
    await waitForDag(airflow, pipeline.dag, {
      timeoutSeconds: Math.min(PARSED_WITHIN_SECONDS, timeoutSeconds),
      ...(onWaiting && { onWaiting }),
    });
    run = await triggerPipeline(airflow, pipeline, conf);
    onTriggered?.(run);
  }
  await waitForRun(airflow, run, options);
  return observeRun(airflow, run, pipeline);
}
