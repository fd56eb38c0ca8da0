import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../../test/airflow-platform.ts';
import { runCheck } from '../check-run.ts';
import type { PlatformContext } from '../check.ts';
import type { Finding } from '../verdict.ts';
import { secretLeaks } from './secret-leaks.ts';

let platform: AirflowPlatform;
let context: PlatformContext;
beforeAll(async () => {
  platform = await startAirflowPlatform();
  context = platform.context(await platform.run());
});
afterAll(() => platform[Symbol.asyncDispose]());

/** The findings that did not pass; none may show the password. */
async function leaks(given = context): Promise<Finding[]> {
  const { findings } = await runCheck(secretLeaks, given);
  for (const field of ['redis_password', 'super_user_password'] as const) {
    const shown = inspect(findings, { depth: null, maxStringLength: null });
    expect(shown).not.toContain(platform.secrets[field]);
    expect(JSON.stringify(findings)).not.toContain(
      JSON.stringify(platform.secrets[field]).slice(1, -1),
    );
  }
  return findings.filter(({ status }) => status !== 'passed');
}
const rowsOf = (finding: Finding | undefined): unknown => finding?.evidence?.[0]?.rows;

test('passes on a platform that has run the pipeline', async () => {
  expect(await leaks()).toEqual([]);
});

test.each([
  ['plain', (password: string): string => password],
  ['URL', (password: string): string => encodeURIComponent(`<&>${password}`)],
  ['base64', (password: string): string => Buffer.from(`bi:${password}\n`).toString('base64')],
])(
  'fails on a password in a log, written as %s, naming field, file and line',
  async (form, write) => {
    const { redis_password: password } = platform.secrets;
    const file = join(platform.deployment.logFolders[0]!, 'redis-test.log');
    await writeFile(file, `started\nlogin with ${write(password)}\nready\n`);
    const found = await leaks();
    await rm(file);
    expect(found).toMatchObject([
      { subject: 'logs', status: 'failed', observed: 'redis_password in 1 place (1 times)' },
    ]);
    expect(rowsOf(found[0])).toEqual([['redis_password', form, file, 2]]);
  },
);

test('fails on a password in the log of a task', async () => {
  const text = `
import os
from airflow.sdk import dag, task

@dag(dag_id="talkative_pipeline", schedule=None)
def pipeline():
    @task
    def say():
        print("connecting with", os.environ["CLICKHOUSE_PASSWORD"])

    say()

pipeline()
`;
  await using _ = await platform.addDag('talkative.py', text);
  const run = await platform.run({ ...platform.pipeline, dag: 'talkative_pipeline', conf: {} });
  expect(run.state).toBe('success');
  const [found] = await leaks();
  const logs = join(platform.deployment.logFolders[0]!, 'tasks', 'dag_id=talkative_pipeline');
  await rm(logs, { recursive: true });
  expect(found?.observed).toContain('super_user_password');
  expect(JSON.stringify(rowsOf(found))).toContain('dag_id=talkative_pipeline');
  expect(await leaks()).toEqual([]);
});

test('fails on a password in a result, in the deployment and in the arguments of a process', async () => {
  const { redis_password: password, postgres_password } = platform.secrets;
  const folder = join(dirname(platform.deployment.secretsFile), 'verify');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.json'), JSON.stringify({ said: password }));
  const program = "console.log('runs'); setInterval(() => undefined, 1000)";
  const child = spawn(process.execPath, ['-e', program, password]);
  // A process shows its arguments only a moment after it has been started.
  await once(child.stdout, 'data');
  const deployment = { ...platform.deployment, name: `with ${postgres_password}` };
  const found = await leaks({ ...context, deployment });
  child.kill('SIGKILL');
  await rm(folder, { recursive: true });
  expect(found.map(({ subject, observed }) => [subject, observed.split(' ')[0]])).toEqual([
    ['results and reports', 'redis_password'],
    ['process arguments', 'redis_password'],
    ['deployment', 'postgres_password'],
  ]);
});

test('proves nothing without logs to search or secrets to search for', async () => {
  const deployment = { ...platform.deployment, logFolders: ['/nowhere'] };
  expect(await leaks({ ...context, deployment })).toMatchObject([
    { subject: 'logs', status: 'inconclusive' },
  ]);
  expect(await leaks({ ...context, secrets: { super_user_name: 'administrator' } })).toMatchObject([
    { status: 'inconclusive' },
  ]);
});

test('warns of a password that is too short to be searched for', async () => {
  const secrets = { ...platform.secrets, bi_user_password: 'short' };
  expect(await leaks({ ...context, secrets })).toMatchObject([
    { status: 'warned', observed: 'bi_user_password: shorter' },
  ]);
});
