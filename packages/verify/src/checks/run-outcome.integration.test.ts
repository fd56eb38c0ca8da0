import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  startAirflowPlatform,
  type AirflowPlatform,
  type Pipeline,
} from '../../test/airflow-platform.ts';
import { runCheck } from '../check-run.ts';
import type { Verdict } from '../verdict.ts';
import { runOutcome } from './run-outcome.ts';

let platform: AirflowPlatform;
beforeAll(async () => {
  platform = await startAirflowPlatform();
});
afterAll(() => platform[Symbol.asyncDispose]());

/** A DAG whose second task succeeds from this try on. */
const dagText = (name: string, succeedsAtTry: number): string => `
from datetime import timedelta
from airflow.sdk import dag, task

@dag(dag_id="${name}", schedule=None, default_args={"retries": 1, "retry_delay": timedelta(0)})
def pipeline():
    @task
    def first():
        return {"rows": 1}

    @task
    def second(ti=None):
        if ti.try_number < ${succeedsAtTry}:
            raise ValueError("not at this try")

    first() >> second()

pipeline()
`;

async function verdictOf(name: string, succeedsAtTry: number): Promise<Verdict> {
  await using _ = await platform.addDag(`${name}.py`, dagText(name, succeedsAtTry));
  const pipeline: Pipeline = {
    ...platform.pipeline,
    dag: name,
    conf: {},
    tasks: { first: [], second: ['first'] },
    statistics: { ...platform.pipeline.statistics, task: 'first' },
  };
  const context = platform.context(await platform.run(pipeline));
  return runCheck(runOutcome, { ...context, contract: { ...context.contract, pipeline } });
}

test('passes after a run that succeeded, with the tasks in their order as evidence', async () => {
  const { status, findings } = await runCheck(runOutcome, platform.context(await platform.run()));
  expect(status).toBe('passed');
  const rows = findings[0]?.evidence?.[0]?.rows.map(([task, state, tries]) => [task, state, tries]);
  expect(rows).toEqual([
    ['create_demo_tables', 'success', 1],
    ['load_sample_data', 'success', 1],
    ['validate_loaded_data', 'success', 1],
  ]);
});

test('fails after a run with a task that failed, and shows the end of its log', async () => {
  const { status, findings } = await verdictOf('failing_pipeline', 3);
  expect(status).toBe('failed');
  expect(findings.map(({ subject, status: one }) => [subject, one])).toEqual([
    ['run', 'failed'],
    ['first', 'passed'],
    ['second', 'failed'],
  ]);
  expect(JSON.stringify(findings[2]?.evidence)).toContain('ValueError: not at this try');
});

test('warns after a run with a task that needed a second try', async () => {
  const { status, findings } = await verdictOf('retried_pipeline', 2);
  expect(status).toBe('warned');
  expect(findings[2]?.observed).toMatch(/^success at try 2/);
});

test('fails when a task of the contract was not run', async () => {
  const context = platform.context(await platform.run());
  const pipeline = { ...platform.pipeline, tasks: { ...platform.pipeline.tasks, publish: [] } };
  const contract = { ...context.contract, pipeline };
  const { findings } = await runCheck(runOutcome, { ...context, contract });
  expect(findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { subject: 'publish', observed: 'the run has no such task' },
  ]);
});
