import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { waitForDag } from '../airflow/wait-for-dag.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import { dagDefinition } from './dag-definition.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
let original: string;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  context = platform.context(await platform.run());
  original = await readFile(platform.pipelineFile, 'utf8');
});
afterAll(() => platform[Symbol.asyncDispose]());

const failures = async (given = context): Promise<string[]> => {
  const { findings } = await runCheck(dagDefinition, given);
  const bad = findings.filter(({ status }) => status !== 'passed');
  return bad.map((one) => `${one.subject}: ${one.expected} → ${one.observed}`);
};
const forDag = (dag: string): PlatformContext => {
  const contract = { ...context.contract, pipeline: { ...platform.pipeline, dag } };
  return { ...context, contract };
};

test('passes on the DAG of the contract', async () => {
  expect(await failures()).toEqual([]);
});

test('fails on a file that does not import, with its error', async () => {
  const text = 'from airflow.sdk import dag\nimport a_module_that_is_not_there\n';
  {
    await using _ = await platform.addDag('broken.py', text);
    await expect
      .poll(() => failures(), { timeout: 60_000 })
      .toEqual([expect.stringMatching(/^DAGs folder: .* → .*broken.py: ModuleNotFoundError/)]);
  }
  await expect.poll(() => failures(), { timeout: 60_000 }).toEqual([]);
});

test.each([
  ['same', '"hw16", ', '"hw16", ', []],
  [
    'retries',
    'default_args=RETRIES',
    'default_args={**RETRIES, "retries": 3}',
    ['create_demo_tables', 'load_sample_data', 'validate_loaded_data'].map(
      (task) => `${task}: retries: 2 → 3`,
    ),
  ],
  [
    'tags',
    '"hw16", ',
    '',
    ['tags: clickhouse, data-loading, demo, hw16 → clickhouse, data-loading, demo'],
  ],
  ['schedule', 'schedule=None', 'schedule="0 3 1 1 *"', ['schedule: none → 0 3 1 1 *']],
  ['catchup', 'catchup=False', 'catchup=True', ['catchup: false → true']],
  [
    'order',
    'create_demo_tables() >> loaded',
    'create_demo_tables()',
    ['load_sample_data: runs after: create_demo_tables → none'],
  ],
  [
    'tasks',
    'create_demo_tables(',
    'create_tables(',
    [
      'tasks: create_demo_tables, load_sample_data, validate_loaded_data → create_tables, load_sample_data, validate_loaded_data',
      'load_sample_data: runs after: create_demo_tables → create_tables',
    ],
  ],
])('finds what differs from the contract: %s', async (name, from, to, found) => {
  expect(original).toContain(from);
  const dag = `pipeline_with_other_${name}`;
  const text = original
    .replace(`dag_id="${platform.pipeline.dag}"`, `dag_id="${dag}"`)
    .replaceAll(from, to);
  await using _ = await platform.addDag(`${dag}.py`, text);
  await waitForDag(platform.airflow, dag);
  expect(await failures(forDag(dag))).toEqual(found);
});

test('fails when there is no such DAG', async () => {
  expect(await failures(forDag('another_pipeline'))).toEqual([
    'another_pipeline: parsed → there is no such DAG',
  ]);
});

test('is skipped, with the reason, for a contract of tables alone', async () => {
  const { pipeline: _, ...contract } = context.contract;
  const { status, findings } = await runCheck(dagDefinition, { ...context, contract });
  expect(status).toBe('skipped');
  expect(findings[0]?.reason).toMatch(/tables only/);
});
