import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectFlower, type FlowerClient } from '@provehouse/infra/airflow';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { waitForDag } from './wait-for-dag.ts';
import { RunTimeoutError, waitForRun } from './wait-for-run.ts';

const WITHIN_SECONDS = 15;

let platform: AirflowPlatform;
let flower: FlowerClient;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  flower = connectFlower(platform.deployment, platform.secrets);
});
afterEach(async () => {
  await platform.runtime.up();
  const active = () => platform.airflow.activeRuns(platform.pipeline.dag);
  await expect.poll(active, { timeout: 120_000 }).toEqual([]);
});
afterAll(() => platform[Symbol.asyncDispose]());

interface Waited {
  readonly error: unknown;
  /** What was reported meanwhile, with the seconds that it took. */
  readonly reported: readonly { readonly reasons: string; readonly seconds: number }[];
}

async function wait(dagId: string, runId: string, timeoutSeconds: number): Promise<Waited> {
  const begin = performance.now();
  const reported: { reasons: string; seconds: number }[] = [];
  const run = { dagId, runId };
  const error: unknown = await waitForRun(platform.airflow, run, {
    ...{ timeoutSeconds, flower },
    onWaiting: (reasons) =>
      reported.push({ reasons: reasons.join(' '), seconds: (performance.now() - begin) / 1000 }),
  }).catch((caught: unknown) => caught);
  return { error, reported };
}

test('without a worker and behind a colleague’s run, both are reported while it waits and in the end', async () => {
  const { airflow, pipeline, runtime } = platform;
  await waitForDag(airflow, pipeline.dag);
  await airflow.unpause(pipeline.dag);
  await runtime.stop('airflow-worker');
  const theirs = await airflow.trigger(pipeline.dag, pipeline.conf);
  await expect
    .poll(async () => (await airflow.run(pipeline.dag, theirs.runId)).state, { timeout: 60_000 })
    .toBe('running');
  const mine = await airflow.trigger(pipeline.dag, pipeline.conf);
  const { error, reported } = await wait(pipeline.dag, mine.runId, WITHIN_SECONDS);
  const both = (text: string): boolean =>
    text.includes('No Celery worker is alive') &&
    text.includes(`max_active_runs of the DAG is 1, held by ${theirs.runId}`);
  expect(reported.filter(({ reasons }) => both(reasons))).not.toEqual([]);
  expect(error).toBeInstanceOf(RunTimeoutError);
  expect(both(String(error))).toBe(true);
});

test('a pool without a free slot, and a queue that no worker takes from, are reported by name', async () => {
  const { airflow } = platform;
  await platform.request('POST', '/pools', { name: 'no_slots', slots: 0 });
  const dagText = (name: string, of: string): string => `
from airflow.sdk import dag, task

@dag(dag_id="${name}", schedule=None)
def pipeline():
    @task(${of})
    def wait():
        pass

    wait()

pipeline()
`;
  await using _pool = await platform.addDag('no_slots.py', dagText('no_slots', 'pool="no_slots"'));
  await using _queue = await platform.addDag('no_queue.py', dagText('no_queue', 'queue="nobody"'));
  const waits = await Promise.all(
    ['no_slots', 'no_queue'].map(async (dag) => {
      await waitForDag(airflow, dag);
      await airflow.unpause(dag);
      const { runId } = await airflow.trigger(dag, {});
      const waited = await wait(dag, runId, WITHIN_SECONDS);
      await platform.request('PATCH', `/dags/${dag}/dagRuns/${runId}`, { state: 'failed' });
      return String(waited.error);
    }),
  );
  expect(waits[0]).toContain('Pool no_slots is full: all of its 0 slots are taken.');
  expect(waits[1]).toContain('No worker takes tasks from queue nobody; those alive take default.');
});
