import { AirflowError, type AirflowClient } from '@provehouse/infra/airflow';
import { observeRun, type ObservedRun } from './airflow/observed-run.ts';
import { RunTimeoutError } from './airflow/wait-for-run.ts';
import type { Contract } from './contract/contract.ts';
import { formatSeconds } from './timeout-option.ts';
import type { Finding } from './verdict.ts';

/** A run of the pipeline that did not end in time, or could not be started. */
export interface UnfinishedRun {
  readonly run: ObservedRun;
  /** What run-outcome says of it. */
  readonly outcome: Finding;
  /** What any check says that looks at what a run has left. */
  readonly notJudged: Finding;
}

/**
 * What is known of a run of which `error` says why it did not come to an end.
 * @throws the error when it is of another kind
 */
export async function observeUnfinished(
  airflow: AirflowClient,
  pipeline: NonNullable<Contract['pipeline']>,
  error: unknown,
  timeoutSeconds: number,
): Promise<UnfinishedRun> {
  if (!(error instanceof RunTimeoutError) && !(error instanceof AirflowError)) throw error;
  const run = await runOf(airflow, pipeline, error);
  const [first = '', ...lines] = error.message.split('\n');
  const why = error instanceof RunTimeoutError ? error.reasons : [first];
  const reason = why.length === 0 ? 'Look at the logs of its tasks.' : why.join(' ');
  const time = formatSeconds(timeoutSeconds);
  return {
    run,
    outcome: {
      status: 'failed',
      subject: 'run',
      expected: `success within ${time}`,
      observed: error instanceof RunTimeoutError ? `${run.state} after ${time}` : run.state,
      reason,
      ...(lines.length > 0 && {
        evidence: [
          { title: 'Where the run is', columns: ['line'], rows: lines.map((line) => [line]) },
        ],
      }),
    },
    notJudged: {
      status: 'skipped',
      expected: 'a run that has ended',
      observed: run.state,
      reason: `The run of the pipeline did not end: ${reason}`,
    },
  };
}

async function runOf(
  airflow: AirflowClient,
  pipeline: NonNullable<Contract['pipeline']>,
  error: RunTimeoutError | AirflowError,
): Promise<ObservedRun> {
  if (error instanceof RunTimeoutError) return observeRun(airflow, error.run, pipeline);
  return {
    ...{ dagId: pipeline.dag, runId: 'none', state: 'not started', conf: {} },
    ...{ queuedAt: undefined, startedAt: undefined, endedAt: undefined },
    ...{ tasks: [], statistics: undefined, parameters: {} },
  };
}
