import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startAirflowPlatform, type AirflowPlatform } from '../test/airflow-platform.ts';
import { startReceiver, type ReceivedMessage } from '../test/receiver.ts';

const WORKSPACE = resolve(import.meta.dirname, '../../..');
const REPORT = 'quality_report';
const TOKEN = '987654321:alerts-of-the-tests-go-by-it';
const CONNECTION = 'telegram_default';
/** Where the table is that only one node has. */
const STRAY = 'otus_default.stray';

let platform: AirflowPlatform;
let got: readonly ReceivedMessage[];
beforeAll(async () => {
  platform = await startAirflowPlatform();
  await platform.run();
});
beforeEach(async () => {
  const api = await startReceiver({ status: 200 });
  ({ got } = api);
  const extra = JSON.stringify({ api: api.address });
  const chat = { conn_type: 'telegram', host: '-1001', password: TOKEN, extra };
  await platform.request('POST', '/connections', { connection_id: CONNECTION, ...chat });
  return () => platform.request('DELETE', `/connections/${CONNECTION}`);
});
afterAll(async () => {
  await platform.cluster.nodes[0]?.command(`DROP TABLE IF EXISTS ${STRAY} SYNC`);
  await platform[Symbol.asyncDispose]();
});

const textOf = ({ body }: ReceivedMessage): string => (body as { text: string }).text;

/** Runs a DAG of one task; gives its state and the messages that were sent while it ran. */
async function runOf(dag: string, task: string): Promise<{ state: string; messages: string[] }> {
  const before = got.length;
  const tasks = { [task]: [] };
  const statistics = { ...platform.pipeline.statistics, task };
  const pipeline = { ...platform.pipeline, dag, conf: {}, tasks, statistics };
  const { state } = await platform.run(pipeline);
  return { state, messages: got.slice(before).map(textOf) };
}

test('the report says what has become wrong, once, and that it is right again, with a link and without the token', async () => {
  const source = await readFile(join(WORKSPACE, `packages/etl-dags/dags/${REPORT}.py`), 'utf8');
  // The folder of DAGs of this platform is in no workspace.
  const text = source.replace(
    /^WORKSPACE = .*$/m,
    `WORKSPACE = Path(${JSON.stringify(WORKSPACE)})`,
  );
  await using _ = await platform.addDag(`${REPORT}.py`, text);
  const report = () => runOf(REPORT, 'report_quality');

  expect(await report()).toEqual({ state: 'success', messages: [] });

  await platform.cluster.nodes[0]?.command(
    `CREATE TABLE ${STRAY} (id UInt32) ENGINE = MergeTree ORDER BY id`,
  );
  const { state, messages } = await report();
  expect(state).toBe('failed');
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/is failed\.\n• passed → failed: .*stray/);
  expect(messages[0]).toMatch(/\nReport: http:\/\/127\.0\.0\.1:\d+\/dags\/quality_report\/.*$/);
  expect(await report()).toEqual({ state: 'failed', messages: [] });

  await platform.cluster.nodes[0]?.command(`DROP TABLE ${STRAY} SYNC`);
  expect(await report()).toEqual({
    state: 'success',
    messages: [expect.stringMatching(/is passed\.\n• failed → passed: /)],
  });
  expect(got.map(({ path }) => path)).toEqual(Array(2).fill(`/bot${TOKEN}/sendMessage`));

  const files = await filesBelow(platform.runtime.directory);
  const holding = files.filter(({ content }) => content.includes(TOKEN));
  expect(holding.map(({ path }) => path)).toEqual([]);
});

test('a task of a pipeline that fails for good is said with its reason and its log', async () => {
  const dag = `
from airflow.sdk import dag, task
from etl_dags.errors import PermanentError
from etl_dags.retries import RETRIES

@dag(dag_id="unlucky", schedule=None, default_args=RETRIES)
def unlucky():
    @task
    def load():
        raise PermanentError("The file", expected="a header", found="none", remedy="Write one.")

    load()

unlucky()
`;
  await using _ = await platform.addDag('unlucky.py', dag);
  const { state, messages } = await runOf('unlucky', 'load');
  expect(state).toBe('failed');
  expect(messages).toEqual([
    expect.stringMatching(
      /^unlucky has failed: task load, run .*, try 1\.\nThe file: expected a header, found none\. Write one\.\nLog: http/,
    ),
  ]);
});

test('a pipeline that succeeds says nothing', async () => {
  const { state } = await platform.run();
  expect(state).toBe('success');
  expect(got).toEqual([]);
});

/** The text files below a folder that are short enough to read. */
async function filesBelow(folder: string): Promise<{ path: string; content: string }[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.map((name) => join(folder, name));
  const read = paths.map(async (path) => {
    const status = await stat(path).catch(() => undefined);
    if (status === undefined || !status.isFile() || status.size > 5_000_000) return [];
    return [{ path, content: await readFile(path, 'latin1') }];
  });
  return (await Promise.all(read)).flat();
}
