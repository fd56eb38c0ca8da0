import { setTimeout as delay } from 'node:timers/promises';
import { AirflowError, type AirflowClient, type DagDetails } from '@provehouse/infra/airflow';
import type { WaitOptions } from './wait-for-run.ts';
import { notParsed } from './why-waiting.ts';

const POLL_MS = 250;
/** How long a DAG that is there takes to be parsed, on a slow machine. */
export const PARSED_WITHIN_SECONDS = 60;
/** Most are parsed sooner. */
const TELL_AFTER_MS = 3_000;

/**
 * Waits until the DAG has been parsed, and says so once if that takes long.
 * @throws AirflowError after the time, with the import errors that there are
 */
export async function waitForDag(
  client: AirflowClient,
  dagId: string,
  {
    timeoutSeconds = PARSED_WITHIN_SECONDS,
    onWaiting,
  }: Pick<WaitOptions, 'timeoutSeconds' | 'onWaiting'> = {},
): Promise<DagDetails> {
  const begin = performance.now();
  let said = false;
  for (;;) {
    const dag = await client.dag(dagId);
    if (dag !== undefined && !dag.stale) return dag;
    const waitedMs = performance.now() - begin;
    if (waitedMs > timeoutSeconds * 1000) break;
    if (!said && waitedMs > TELL_AFTER_MS) {
      said = true;
      onWaiting?.([notParsed(dagId, dag, await client.importErrors())]);
    }
    await delay(POLL_MS);
  }
  const errors = await client.importErrors();
  const found = errors.map(({ file, stackTrace }) => `${file}:\n${stackTrace}`);
  throw new AirflowError(
    `No DAG ${dagId} after ${timeoutSeconds} s. ` +
      (found.length === 0
        ? 'There are no import errors: look whether its file is in the DAGs folder.'
        : `Import errors:\n${found.join('\n')}`),
  );
}
