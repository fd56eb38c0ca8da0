import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSecrets, rotateSecrets, type Secrets } from '@provehouse/secrets';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startMetabase, type MetabaseStandIn } from '../../../test/metabase-stand-in.ts';
import { DEMO_CHARTS } from '../demo-charts.ts';
import { metabaseAdmin } from './account.ts';
import { MetabaseClient, MetabaseError } from './metabase-client.ts';
import { describeMetabase, setUpMetabase } from './service.ts';

const before = rotateSecrets({ ...generateSecrets(), metabase_admin_password: 'x'.repeat(32) }, [
  'metabase_admin_password',
]);

let metabase: MetabaseStandIn;
let clickhouse: { readonly host: string; readonly port: number };
let keptPassword: string;
/** The password of the reader that ClickHouse takes. */
let readerPassword: string;
beforeEach(async () => {
  metabase = await startMetabase();
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-metabase-'));
  keptPassword = join(folder, 'kept/metabase.password');
  readerPassword = before.bi_user_password;
  const server = createServer((request, response) => {
    const taken = request.headers['x-clickhouse-key'] === readerPassword;
    response.writeHead(taken ? 200 : 403);
    const answer = { meta: [{ name: 'category' }, { name: 'rows' }], data: [['Books', 34]] };
    response.end(taken ? JSON.stringify(answer) : 'Code: 516. Authentication failed');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  clickhouse = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return async () => {
    await metabase[Symbol.asyncDispose]();
    server.close();
    await rm(folder, { recursive: true });
  };
});

const plan = () => ({
  shards: 1,
  replicas: 1,
  ports: { metabase: Number(new URL(metabase.url).port) },
});
const setUp = (secrets: Secrets = before) =>
  setUpMetabase(plan(), secrets, clickhouse, keptPassword);

/** Asks as the administrator, until the end of the test. */
function connect(secrets: Secrets = before): MetabaseClient {
  const client = new MetabaseClient(metabase.url, metabaseAdmin(secrets));
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

/** Everything that people find. */
async function contentOf(client: MetabaseClient): Promise<object> {
  const collections = await client.collections();
  const items = await Promise.all(collections.map(({ id }) => client.items(id)));
  const { metabase: { dashboard = 0 } = {} } = await describeMetabase(plan(), before);
  const questions = await client.questions(dashboard);
  return { databases: await client.databases(), collections, items, dashboard, questions };
}

test('a new one has the charts of the demo on a dashboard, and a later start changes nothing', async () => {
  await setUp();
  const client = connect();
  const { metabase: described } = await describeMetabase(plan(), before);
  expect(described).toMatchObject({ url: metabase.url, version: '0.64.2.2' });
  const questions = (await client.questions(described!.dashboard)) ?? [];
  expect(questions.map(({ name }) => name)).toEqual(DEMO_CHARTS.map(({ name }) => name));
  for (const { name, sql } of described!.charts) {
    const { id } = questions.find((question) => question.name === name)!;
    expect(await client.statement(id)).toBe(sql);
    expect((await client.answer(id, { force: true })).rows).toEqual([
      { category: 'Books', rows: 34 },
    ]);
  }
  const content = await contentOf(client);
  await setUp();
  expect(await contentOf(client)).toEqual(content);
});

test('what people have made is left alone, and what they have changed in ours is as it was', async () => {
  await setUp();
  const client = connect();
  const content = await contentOf(client);
  const [{ id: collection } = { id: 0 }] = await client.collections();
  const [{ id: database } = { id: 0 }] = await client.databases();
  const [rows] = await client.items(collection);
  const own = {
    ...{ name: 'Rows', display: 'table', visualization_settings: {}, collection_id: collection },
    dataset_query: { database, type: 'native', native: { query: 'SELECT 42' } },
  };
  const theirs = await client.save('card', undefined, own);
  const { dashboard } = (await describeMetabase(plan(), before)).metabase!;
  await client.save('card', rows!.id, { ...own, name: rows!.name });
  await client.save('dashboard', dashboard, { dashcards: [] });
  await setUp();
  expect(await client.statement(theirs)).toBe('SELECT 42');
  expect(await client.statement(rows!.id)).toContain('hw16_demo_products');
  expect((await client.questions(dashboard))!.map(({ name }) => name)).toEqual(
    DEMO_CHARTS.map(({ name }) => name),
  );
  expect((await client.items(collection)).length).toBe(7);
  await client.save('card', theirs, { archived: true });
  expect(await contentOf(client)).toMatchObject({ items: (content as { items: object }).items });
});

test('a dashboard that people have thrown away is made again', async () => {
  await setUp();
  const client = connect();
  const { dashboard } = (await describeMetabase(plan(), before)).metabase!;
  await client.save('dashboard', dashboard, { archived: true });
  expect(await client.questions(dashboard)).toBeUndefined();
  await expect(describeMetabase(plan(), before)).rejects.toThrow(
    /Expected the dashboard of the demo in Metabase at \S+, found none\. Run infra:up/,
  );
  await setUp();
  expect((await describeMetabase(plan(), before)).metabase!.dashboard).not.toBe(dashboard);
});

test('a new password of the administrator takes the one before, which is kept in a private file', async () => {
  await setUp();
  const after = rotateSecrets(before, ['metabase_admin_password']);
  metabase.requests.length = 0;
  await setUp(after);
  expect(metabase.requests.slice(0, 5)).toEqual([
    ...['POST /api/session', 'POST /api/session', 'PUT /api/user/1/password'],
    // Nobody logs out before that.
    ...['DELETE /api/session', 'POST /api/session'],
  ]);
  expect(await connect(after).mayLogIn()).toBe(true);
  expect(await connect(before).mayLogIn()).toBe(false);
  expect(await readFile(keptPassword, 'utf8')).toBe(after.metabase_admin_password);
  expect((await stat(keptPassword)).mode & 0o777).toBe(0o600);

  await rm(keptPassword);
  await expect(setUp(rotateSecrets(after, ['metabase_admin_password']))).rejects.toThrow(
    /refuses both\. Somebody has changed it there: change it back, or write the valid one into the secrets file/,
  );
  await setUp(after);
});

test('a new password of the reader is that of the connection', async () => {
  await setUp();
  const after = rotateSecrets(before, ['bi_user_password']);
  readerPassword = after.bi_user_password;
  const { dashboard } = (await describeMetabase(plan(), before)).metabase!;
  const [question] = (await connect().questions(dashboard))!;
  await expect(connect().answer(question!.id, { force: true })).rejects.toThrow(
    /could not answer question \d+: Error: Code: 516\. Authentication failed/,
  );
  await setUp(after);
  expect((await connect().answer(question!.id, { force: true })).rows).toHaveLength(1);
});

test('a ClickHouse that refuses the reader is an error that has no password in it', async () => {
  readerPassword = 'another';
  const error: unknown = await setUp().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MetabaseError);
  expect(String(error)).toMatch(
    /answered POST \/api\/database with status 400: .*Authentication failed/,
  );
  expect(String(error)).not.toContain(before.bi_user_password);
  // It goes on from there.
  readerPassword = before.bi_user_password;
  await setUp();
});

test('an answer from the cache says when it was kept', async () => {
  await setUp();
  const { dashboard } = (await describeMetabase(plan(), before)).metabase!;
  const client = connect();
  const [{ id } = { id: 0 }] = (await client.questions(dashboard))!;
  expect((await client.answer(id, { force: false })).cachedAt).toBeUndefined();
  metabase.cache = true;
  expect((await client.answer(id, { force: false })).cachedAt).toBe('2026-11-30T00:00:00Z');
  expect((await client.answer(id, { force: true })).cachedAt).toBeUndefined();
});

test('it logs out, and is no Metabase where something else answers', async () => {
  await setUp();
  const { requests } = metabase;
  const begun = requests.filter((one) => /^POST \/api\/(session|setup)$/.test(one));
  expect(requests.filter((one) => one === 'DELETE /api/session')).toHaveLength(begun.length);
  const elsewhere = new MetabaseClient(
    `http://127.0.0.1:${clickhouse.port}`,
    metabaseAdmin(before),
  );
  await expect(elsewhere.properties()).rejects.toThrow(
    /answered GET \/api\/session\/properties with status 403\./,
  );
  await expect(
    new MetabaseClient('http://127.0.0.1:1', metabaseAdmin(before)).properties(),
  ).rejects.toThrow(/does not answer: /);
});
