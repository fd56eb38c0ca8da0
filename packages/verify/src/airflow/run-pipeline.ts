import type { Contract } from '../contract/contract.ts';
import type { AirflowClient } from './airflow-client.ts';
import { observeRun, type ObservedRun } from './observed-run.ts';
import { PARSED_WITHIN_SECONDS } from './wait-for-dag.ts';
import type { WaitOptions } from './wait-for-run.ts';

/**
 * Runs the contract's pipeline once and gives what Airflow says of the run, whether it succeeded or
 * failed.
 * @param conf what the run is triggered with, over the contract's own
 * @throws AirflowError when Airflow does not answer or has no such DAG
 * @throws RunTimeoutError when the run does not end in time
 */
export async function runPipeline(
  airflow: AirflowClient,
  pipeline: NonNullable<Contract['pipeline']>,
  conf: Readonly<Record<string, unknown>> = {},
  options: WaitOptions = {},
): Promise<ObservedRun> {
  const { timeoutSeconds = PARSED_WITHIN_SECONDS, onWaiting } = options;
  await airflow.waitForDag(pipeline.dag, {
    timeoutSeconds: Math.min(PARSED_WITHIN_SECONDS, timeoutSeconds),
    ...(onWaiting && { onWaiting }),
  });
  await airflow.unpause(pipeline.dag);
  const { dagId, runId } = await airflow.trigger(pipeline.dag, { ...pipeline.conf, ...conf });
  await airflow.waitForRun(dagId, runId, options);
  return observeRun(airflow, { dagId, runId }, pipeline);
}
