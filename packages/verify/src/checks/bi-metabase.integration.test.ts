import {
  chartsOfDemo,
  ensureDemo,
  metabaseAdmin,
  MetabaseClient,
  type Deployment,
} from '@provehouse/infra';
import { startMetabase, type MetabaseStandIn } from '@provehouse/infra/test/metabase-stand-in';
import { rotateSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import {
  DISTRIBUTED,
  LOCAL,
  sampleRows,
  startTestCluster,
  type TestCluster,
} from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import { bi } from './bi.ts';

let own: TestCluster;
let metabase: MetabaseStandIn;
let client: MetabaseClient;
let secrets: Secrets;
let named: NonNullable<Deployment['metabase']>;
beforeAll(async () => {
  [own, metabase] = await Promise.all([startTestCluster(), startMetabase()]);
  secrets = rotateSecrets({ ...own.secrets, metabase_admin_password: 'x'.repeat(32) }, [
    'metabase_admin_password',
  ]);
  client = new MetabaseClient(metabase.url, metabaseAdmin(secrets));
  const { setupToken = '' } = await client.properties();
  await client.setUp(setupToken, 'Test');
  named = {
    ...{ url: metabase.url, version: '0.64', user: metabaseAdmin(secrets).email },
    ...{ dashboard: await makeDemo(), charts: chartsOfDemo('otus_default') },
  };
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await metabase[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
});
beforeEach(() => own.load(200));

/** Makes the connection, the questions and the dashboard what infra:up makes them. */
function makeDemo(): Promise<number> {
  const { host, httpPort: port } = own.deployment.clickhouse.nodes[0]!;
  const { bi_user_name: user, bi_user_password: password } = own.secrets;
  return ensureDemo(client, { host, port, database: 'otus_default', user, password });
}

const context = (changes: Partial<Deployment> = {}): ClusterContext => ({
  ...own.context(),
  ...{ secrets, contract: { ...own.contract, replicas: { settleSeconds: 0 } } },
  deployment: { ...own.deployment, metabase: named, ...changes },
});

const judge = async (given = context()) => {
  const { status, findings } = await runCheck(bi, given);
  const wrong = findings.filter((one) => one.status !== 'passed');
  return {
    ...{ status, passed: findings.length - wrong.length, findings },
    wrong: wrong.map(({ subject, status: of, observed }) => [of, subject, observed]),
  };
};

/** Has a question of the dashboard ask something else, until the end of the test. */
async function withStatement(name: string, change: (statement: string) => string): Promise<void> {
  const { id } = (await client.questions(named.dashboard))!.find((one) => one.name === name)!;
  const statement = await client.statement(id);
  const changed = change(statement ?? '');
  expect(changed).not.toBe(statement);
  onTestFinished(async () => void (await makeDemo()));
  const [{ id: database } = { id: 0 }] = await client.databases();
  const query = { database, type: 'native', native: { query: changed } };
  await client.save('card', id, { dataset_query: query });
}

test('questions that show what there is pass, whatever the rows are', async () => {
  expect(await judge()).toMatchObject({ status: 'passed', passed: 5, wrong: [] });
  // It has logged out at the end, and asked nothing afterwards.
  expect(metabase.requests.at(-1)).toBe('DELETE /api/session');
  await own.load(0);
  await own.cluster.nodes[0]!.command(
    `INSERT INTO ${DISTRIBUTED} SELECT number, 'p', ['', 'NULL', 'O''Neil', '007', '1e3', '雪 "☃"'][1 + number % 6],
     number / 3, toDateTime('1970-01-01 00:00:00') + number * 86400 * 400 FROM numbers(100)
     SETTINGS distributed_foreground_insert = 1`,
  );
  expect(await judge()).toMatchObject({ status: 'passed', passed: 5, wrong: [] });
});

test('a reader who may not read any more fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text.replace('GRANT SELECT, SHOW ON otus', 'GRANT SHOW ON otus'),
  );
  const { status, wrong } = await judge();
  expect([status, wrong.length]).toEqual(['failed', 5]);
  expect(wrong[0]).toEqual([
    ...['failed', 'Metabase: Rows'],
    expect.stringContaining('Not enough privileges'),
  ]);
});

test('a question that asks something else fails, with what each gives', async () => {
  await withStatement('Rows', (statement) => statement.replace('count()', 'count() + 1'));
  const { status, wrong, findings } = await judge();
  expect([status, wrong]).toEqual([
    'failed',
    [
      [
        ...['failed', 'Metabase: Rows'],
        '1 rows where ClickHouse has 1, 1 of them others, such as {"rows":201}',
      ],
    ],
  ]);
  const failed = findings.find((one) => one.status === 'failed');
  expect(failed?.evidence?.[0]?.rows).toEqual([
    ['ClickHouse', '{"rows":200}'],
    ['Metabase', '{"rows":201}'],
  ]);
});

test('a question of another table fails, and be its rows the same', async () => {
  await own.cluster.nodes[0]!.command(
    `CREATE TABLE otus_default.copy ENGINE = MergeTree ORDER BY id AS SELECT * FROM ${DISTRIBUTED}`,
  );
  onTestFinished(() => own.cluster.nodes[0]!.command('DROP TABLE otus_default.copy SYNC'));
  await withStatement('Rows', (statement) => statement.replace(DISTRIBUTED, 'otus_default.copy'));
  expect((await judge()).wrong).toEqual([
    [
      ...['failed', 'Metabase: Rows'],
      `it shows what this gives: SELECT count() AS rows FROM otus_default.copy, not ${DISTRIBUTED}`,
    ],
  ]);
});

test('a question that is written otherwise and shows the same passes', async () => {
  await withStatement(
    'Rows',
    () => 'select count(*) as "rows"\nfrom `otus_default`."hw16_demo_products" -- all of them',
  );
  expect(await judge()).toMatchObject({ status: 'passed', passed: 5 });
});

test('a question that Metabase cannot answer fails with what it says', async () => {
  await withStatement('Rows', (statement) => statement.replace('count()', 'count(gone)'));
  const { wrong } = await judge();
  expect(wrong).toEqual([
    [
      ...['failed', 'Metabase: Rows'],
      expect.stringMatching(/could not answer question \d+: .*gone/),
    ],
  ]);
});

test('what people see from a cache fails once it is not true any more', async () => {
  metabase.cache = true;
  onTestFinished(() => {
    metabase.cache = false;
  });
  await judge();
  expect(await judge()).toMatchObject({ status: 'passed', passed: 5 });
  await own.cluster.nodes[0]!.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(201, 300)}`);
  const { status, wrong } = await judge();
  expect([status, wrong.length]).toEqual(['failed', 5]);
  expect(wrong[0]).toEqual([
    ...['failed', 'Metabase: Rows'],
    expect.stringMatching(/^people saw what was kept at 20.*such as \{"rows":200\}$/),
  ]);
});

test('a question that is not on the dashboard fails, as does a dashboard that is gone', async () => {
  onTestFinished(async () => void (await makeDemo()));
  await client.save('dashboard', named.dashboard, { dashcards: [] });
  const { wrong } = await judge();
  expect(wrong).toHaveLength(5);
  expect(wrong[0]).toEqual(['failed', 'Metabase: Rows', 'not on the dashboard']);
  const gone = await judge(context({ metabase: { ...named, dashboard: 9999 } }));
  expect(gone.wrong).toEqual([['failed', 'Metabase: dashboard', 'there is none']]);
});

test('a table that is not there is skipped', async () => {
  await own.cluster.nodes[0]!.command(`DROP TABLE ${DISTRIBUTED} SYNC`);
  const { status, wrong } = await judge();
  expect([status, wrong[0]]).toEqual(['skipped', ['skipped', 'Metabase: Rows', 'no such table']]);
});

test('what cannot be asked is said: left out, no password, no answer, a password that is refused', async () => {
  const { metabase: _, ...without } = context().deployment;
  const leftOut = { metabase: 'no registry has its image' };
  const judged = await judge({ ...context(), deployment: { ...without, leftOut } });
  expect(judged.findings).toMatchObject([
    { status: 'skipped', subject: 'Metabase', reason: 'no registry has its image' },
  ]);
  expect((await judge({ ...context(), secrets: own.secrets })).findings).toMatchObject([
    { status: 'skipped', reason: 'Put metabase_admin_password into the secrets file.' },
  ]);
  const elsewhere = { ...named, url: 'http://127.0.0.1:1' };
  expect((await judge(context({ metabase: elsewhere }))).wrong).toEqual([
    ['failed', 'Metabase: dashboard', expect.stringContaining('does not answer: ')],
  ]);
  const rotated = rotateSecrets(secrets, ['metabase_admin_password']);
  const refused = await judge({ ...context(), secrets: rotated });
  expect(refused.wrong).toEqual([
    ['failed', 'Metabase: dashboard', expect.stringMatching(/status 401: password: did not match/)],
  ]);
});

test('charts of another contract are not judged', async () => {
  const charts = named.charts.map((chart) => ({ ...chart, table: LOCAL.replace('hw16', 'other') }));
  expect((await judge(context({ metabase: { ...named, charts } }))).findings).toMatchObject([
    { status: 'passed', observed: 'no chart of Metabase shows a table of the contract' },
  ]);
});
