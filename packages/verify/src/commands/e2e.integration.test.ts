import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PLATFORM } from '../../test/platform-homes.ts';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { runCommand } from '../../test/command.ts';
import { CONTRACT_FILE } from '../../test/test-cluster.ts';
import { verifiedRunSchema } from '../run-schema.ts';

let platform: AirflowPlatform;
beforeAll(async () => {
  platform = await startAirflowPlatform();
});
afterAll(() => platform[Symbol.asyncDispose]());

/** Runs `verify:e2e` as people do, on the platform that the tests share. */
const verify = (...words: string[]) =>
  runCommand(['e2e', '--home', inject('airflowPlatformHome'), '--name', PLATFORM, ...words]);

test('a run that ends is judged, while a second verification is refused and names the first', async () => {
  const file = join(inject('airflowPlatformHome'), 'verdicts.json');
  const words = ['--only', 'component-health,run-outcome,macros', '--output', `json=${file}`];
  const outcomes = await Promise.all([verify(...words), verify(...words)]);
  const [judged, refused] = outcomes.toSorted(
    (left, right) => Number(left.code) - Number(right.code),
  );
  expect(judged).toMatchObject({ code: 0 });
  expect(judged?.stdout).toMatch(/\n3 passed, 0 failed\n/);
  const run = verifiedRunSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  expect(run).toMatchObject({ status: 'passed', runId: expect.stringContaining('__') });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused?.stderr).toMatch(
    /^Process \d+ has been verifying shared end to end since .* UTC \(verify:e2e\)\./,
  );
});

test('a run that never ends says why while it waits and in its verdict, beside those on health', async () => {
  const { airflow, pipeline, runtime } = platform;
  await runtime.stop('airflow-worker');
  try {
    const { code, stdout, stderr } = await verify('--timeout', '20s');
    expect(stderr).toMatch(/ s {2}the run waits: No Celery worker is alive/);
    expect(stderr).toMatch(/failed +Every component of Airflow is alive: workers: 0 answer/);
    expect(stdout).toMatch(/^✗ Every component of Airflow is alive/m);
    expect(stdout).toMatch(/^✗ The run and all its tasks succeeded +running after 20 s/m);
    expect(stdout).toMatch(/reason +No Celery worker is alive: no answer from /);
    expect(stdout).toMatch(/^✓ The DAG is the one that the contract describes/m);
    expect(stdout).toMatch(/^– Values keep the rules .*The run of the pipeline did not end/m);
    expect(stdout).toMatch(/\n\d+ passed, \d+ skipped, 2 failed\n/);
    expect(code).toBe(1);
  } finally {
    await runtime.start('airflow-worker');
    const active = () => airflow.activeRuns(pipeline.dag);
    await expect.poll(active, { timeout: 120_000 }).toEqual([]);
  }
});

test('a DAG that is not there is reported while it is waited for and in the verdicts', async () => {
  const contract = join(inject('airflowPlatformHome'), 'no-such-dag.yaml');
  const text = await readFile(CONTRACT_FILE, 'utf8');
  await writeFile(contract, text.replace(/dag: \w+/, 'dag: no_such_dag'));
  const { code, stdout, stderr } = await verify('--timeout', '5s', '--contract', contract);
  expect(stderr).toMatch(/ s {2}the run waits: DAG no_such_dag is not parsed/);
  expect(stdout).toMatch(/^✗ The DAG is the one that the contract describes/m);
  expect(stdout).toMatch(/^✗ The run and all its tasks succeeded +not started/m);
  expect(stdout).toMatch(/reason +No DAG no_such_dag after 5 s\./);
  expect(stdout).toMatch(/^✓ Every component of Airflow is alive/m);
  expect(code).toBe(1);
});

test('of all pipelines those run whose modules are there; the others are skipped, with what brings them', async () => {
  const file = join(inject('airflowPlatformHome'), 'all.json');
  const words = ['--only', 'macros,dag-definition', '--output', `json=${file}`];
  const { code, stdout } = await verify('--all-pipelines', ...words);
  expect(stdout).toMatch(/^hw16_data_loading_pipeline\n✓ The DAG is the one /m);
  expect(stdout).toMatch(
    /\nskipped {2}events_stream: Expected a platform with kafka, found one without\..*--with kafka/,
  );
  expect(stdout).toMatch(/\nskipped {2}files_from_bucket: .*--with storage/);
  expect(stdout).toMatch(/\nskipped {2}products_from_api: .*--with api/);
  expect(stdout).toMatch(/\npassed {2}hw16_data_loading_pipeline\n[^\n]*\n\n2 passed, 0 failed\n/);
  expect(code).toBe(0);
  const run = verifiedRunSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  expect(run.verdicts.map(({ pipeline, check }) => `${pipeline}: ${check}`)).toEqual([
    'hw16_data_loading_pipeline: dag-definition',
    'hw16_data_loading_pipeline: macros',
  ]);
  expect(run.pipelines?.map(({ pipeline, status }) => `${pipeline} ${status}`)).toEqual([
    ...['events_stream skipped', 'files_from_bucket skipped'],
    ...['hw16_data_loading_pipeline passed', 'products_from_api skipped'],
  ]);
});

test('all pipelines have their own contracts, and one alone needs its module', async () => {
  const contract = join(CONTRACT_FILE, '../events_stream.yaml');
  const both = await verify('--all-pipelines', '--contract', contract);
  expect(both.code).toBe(2);
  expect(both.stderr).toContain("'--all-pipelines' cannot be used with option '--contract <file>'");
  const alone = await verify('--contract', contract);
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain('events_stream cannot run here. Expected a platform with kafka');
});

test('a time that is none is refused', async () => {
  const { code, stderr } = await verify('--timeout', 'soon');
  expect(code).toBe(2);
  expect(stderr).toContain('Expected minutes such as 10, or a duration such as 90s, 10m or 1h30m');
});
