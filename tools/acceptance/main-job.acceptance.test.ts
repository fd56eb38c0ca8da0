import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeRuntime } from '@provehouse/infra';
import { clusterChecks, platformChecks } from '@provehouse/verify';

const workspace = join(import.meta.dirname, '../..');
const NAME = 'acceptance';
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-acceptance-'));
});
afterAll(async () => {
  await nativeRuntime({ home, name: NAME }).down({ purge: true });
  await rm(home, { recursive: true });
});

/** Runs a script as `npm start` does, with a home of its own; gives its exit code and output. */
async function run(script: string, ...words: string[]) {
  const child = spawn(process.execPath, [join(workspace, script), ...words], {
    cwd: workspace,
    env: { ...process.env, PROVEHOUSE_HOME: home, FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: Number(code), output, errors };
}

const cli = 'packages/verify/src/cli.ts';

test('help says what the main job does, and starts nothing', async () => {
  const { code, output, errors } = await run('tools/setup/start.mjs', '--name', NAME, '--help');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/runs the pipeline, verifies it[^]*--shards <count>/);
  expect(await readdir(home)).toEqual([]);
});

test('tests are not run with options that they do not have', async () => {
  expect(await run('tools/setup/test.mjs', 'all', '--only', 'unit')).toEqual({
    ...{ code: 2, output: '' },
    errors: 'npm test takes no options (npm test -- --help says more); found --only unit.\n',
  });
  expect(await run('tools/setup/test.mjs', 'all', '--help')).toMatchObject({ code: 0, errors: '' });
});

test('the main job ends with verdicts, the report and the URLs', async () => {
  const { code, output, errors } = await run('tools/setup/start.mjs', '--name', NAME);
  expect(code, output + errors).toBe(0);
  // Everything is judged: nothing is skipped for what the engine cannot do.
  const checks = [...platformChecks, ...clusterChecks].length;
  expect(output).toContain(`\n${checks} passed, 0 failed`);
  expect(output).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  const report = /\S+report\S*\.html/.exec(output)?.[0] ?? '';
  await access(report);
  const html = await readFile(report, 'utf8');
  expect(html).not.toMatch(/googletagmanager|google-analytics/);
});

test('a component that died makes the verification fail, and it is named', async () => {
  const runtime = nativeRuntime({ home, name: NAME });
  await runtime.kill('airflow-flower');
  const { code, output } = await run(cli, 'e2e', '--name', NAME, '--only', 'component-health');
  expect(code, output).toBe(1);
  expect(output).toMatch(/Flower/);
});

test('a row less than expected makes the checks of the cluster alone fail', async () => {
  const { code, output } = await run(cli, 'cluster', '--name', NAME, '--rows', '101', '--json');
  expect(code, output).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ status: 'failed' });
});

test('no deployment is an error of its own', async () => {
  const { code, errors, output } = await run(cli, 'e2e', '--name', 'nobody');
  expect(code, output).toBe(2);
  expect(errors).toMatch(/infra:up/);
});

test('a stop leaves no process and nothing but data, logs, results and secrets', async () => {
  const { code } = await run('tools/setup/stop.mjs', '--name', NAME);
  expect(code).toBe(0);
  const left = await readdir(join(home, NAME));
  expect(left.sort()).toEqual(['data', 'logs', 'secrets.env', 'verify']);
});
