import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { editedConfig } from '../../test/edited-config.ts';
import { LOCAL, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { readerPrivileges } from './reader-privileges.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load(10);
});
afterAll(() => own[Symbol.asyncDispose]());

const NODE = 'clickhouse-02';
const failures = async () =>
  (await runCheck(readerPrivileges, own.context(10))).findings.filter(
    ({ status }) => status !== 'passed',
  );
const edited = (edit: (text: string) => string) => editedConfig(own, NODE, 'users.xml', edit);
const withGrants = (text: string, ...grants: string[]): string =>
  text.replace(
    '<query>GRANT SELECT ON system.one</query>',
    grants.map((grant) => `<query>GRANT ${grant}</query>`).join(''),
  );
const writable = (text: string): string =>
  text.replace('<readonly>2</readonly>', '<readonly>0</readonly>');
const withSettings = (text: string, settings: string): string =>
  text.replace('<readonly>2</readonly>', `<readonly>2</readonly>${settings}`);
const tables = async () => {
  const row = z.object({ name: z.string() });
  const sql = "SELECT name FROM system.tables WHERE database = 'otus_default' ORDER BY name";
  return (await own.cluster.node(NODE).query(sql, row)).map(({ name }) => name);
};

test('a reader who can only read passes on every node, and what he is asked writes nothing', async () => {
  const commands: string[] = [];
  const nodes = own.cluster.nodes.map((client) => ({
    ...client,
    async command(sql: string) {
      commands.push(sql);
    },
  }));
  const before = await tables();
  const context = own.context(10);
  const { status, findings } = await runCheck(readerPrivileges, {
    ...context,
    cluster: { ...context.cluster, nodes },
  });
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
  expect(commands).toEqual([]);
  expect(await tables()).toEqual(before);
});

test('a reader who may change no setting passes', async () => {
  await using _ = await edited((text) =>
    text.replace('<readonly>2</readonly>', '<readonly>1</readonly>'),
  );
  expect(await failures()).toEqual([]);
});

test('rights that his profile takes from him pass', async () => {
  await using _ = await edited((text) =>
    withGrants(text, 'INSERT, TRUNCATE, ALTER ON otus_default.*', 'SYSTEM ON *.*'),
  );
  expect(await failures()).toEqual([]);
});

test.each([
  'INSERT ON otus_default.*',
  'ALTER DELETE ON otus_default.*',
  'TRUNCATE ON otus_default.hw16_demo_products_local',
  'OPTIMIZE ON otus_default.*',
  'DROP TABLE ON otus_default.*',
  'SYSTEM FLUSH LOGS ON *.*',
])(
  'a writable profile with GRANT %s fails on that node, and rows and tables stay',
  async (grant) => {
    await using _ = await edited((text) => withGrants(writable(text), grant));
    const before = await tables();
    expect(await failures()).toMatchObject([{ node: NODE, observed: `granted: ${grant}` }]);
    expect(await tables()).toEqual(before);
    const rows = z.object({ rows: z.coerce.number() });
    const count = `SELECT count() AS rows FROM otus_default.hw16_demo_products`;
    expect(await own.cluster.node(NODE).query(count, rows)).toEqual([{ rows: 10 }]);
  },
);

test.each([
  ['SELECT ON other.*', 'granted: SELECT ON other.*'],
  ['SELECT ON system.processes', /^allowed: SELECT count\(\) FROM system.processes; granted/],
  ['SHOW USERS ON *.*', /^allowed: SELECT count\(\) FROM system.users; granted: SHOW USERS/],
  ['READ, WRITE ON URL', 'granted: READ ON URL; granted: WRITE ON URL'],
  ['READ ON FILE', 'granted: READ ON FILE'],
  ['READ ON REMOTE', 'granted: READ ON REMOTE'],
  ['SELECT ON *.*', /granted: SELECT ON \*\.\*/],
])('a reader with GRANT %s fails although his profile is readonly', async (grant, observed) => {
  await using _ = await edited((text) => withGrants(text, grant));
  expect(await failures()).toMatchObject([
    {
      node: NODE,
      observed: typeof observed === 'string' ? observed : expect.stringMatching(observed),
    },
  ]);
});

test('a reader without any grants in his configuration may do all that readonly leaves', async () => {
  await using _ = await edited((text) =>
    text.replace(/(<bi_user>(?:(?!<\/bi_user>).)*)<grants>.*?<\/grants>/s, '$1'),
  );
  const [found] = await failures();
  expect(found?.observed).toMatch(/granted: .*; and \d+ grants more/);
});

test('a limit that he can lift warns, one that is bounded passes', async () => {
  const limit = '<max_execution_time>60</max_execution_time>';
  await using _ = await edited((text) => withSettings(text, limit));
  expect(await failures()).toMatchObject([
    { status: 'warned', node: NODE, observed: 'can lift max_execution_time = 60' },
  ]);
  const bounded = `${limit}<constraints><max_execution_time><max>60</max></max_execution_time></constraints>`;
  await using __ = await edited((text) => text.replace(limit, bounded));
  expect(await failures()).toEqual([]);
});

test('a filter of rows that he can take away fails', async () => {
  const filters = `<additional_table_filters>{'otus_default.hw16_demo_products_local':'id &lt; 5'}</additional_table_filters>`;
  await using _ = await edited((text) => withSettings(text, filters));
  expect(await failures()).toMatchObject([
    { status: 'failed', observed: expect.stringContaining('can change additional_table_filters') },
  ]);
});

test('a reader who cannot read a table fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-04', 'users.xml', (text) =>
    text.replace('GRANT SELECT, SHOW ON otus_default.*', `GRANT SELECT ON otus_default.other`),
  );
  // Other nodes may fail as well: what they read through the Distributed table may be on this one.
  const found = (await failures()).find(({ node }) => node === 'clickhouse-04');
  expect(found?.observed).toMatch(/^denied: SELECT \* FROM .*hw16_demo_products_local/);
});

test('a table that one node does not have is no fault of the reader’s grants', async () => {
  await own.cluster.node('clickhouse-03').command(`DROP TABLE ${LOCAL} SYNC`);
  try {
    expect(await failures()).toEqual([]);
  } finally {
    await own.load(10);
  }
});

test('without the reader’s password the check is skipped with the reason', async () => {
  const { bi_user_password: _, ...secrets } = own.secrets;
  const { status, findings } = await runCheck(readerPrivileges, { ...own.context(10), secrets });
  expect(status).toBe('skipped');
  expect(findings[0]?.reason).toContain('bi_user_password');
});
