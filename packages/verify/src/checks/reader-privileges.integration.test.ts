import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { readerPrivileges } from './reader-privileges.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
  await own.load(10);
});
afterAll(() => own[Symbol.asyncDispose]());

const failures = async () =>
  (await runCheck(readerPrivileges, own.context(10))).findings.filter(
    ({ status }) => status !== 'passed',
  );
const granted = (...grants: string[]) =>
  editedConfig(own, 'clickhouse-02', 'users.xml', (text) =>
    text
      .replace('<readonly>2</readonly>', '<readonly>0</readonly>')
      .replace(
        '<query>GRANT SELECT ON system.one</query>',
        grants.map((grant) => `<query>GRANT ${grant}</query>`).join(''),
      ),
  );
const tables = async () => {
  const row = z.object({ name: z.string() });
  const sql = "SELECT name FROM system.tables WHERE database = 'otus_default' ORDER BY name";
  return (await own.cluster.node('clickhouse-02').query(sql, row)).map(({ name }) => name);
};

test('a reader who can only read passes on every node, and nothing is left of the attempts', async () => {
  const before = await tables();
  const { status, findings } = await runCheck(readerPrivileges, own.context(10));
  expect(status).toBe('passed');
  expect(findings).toHaveLength(4);
  expect(await tables()).toEqual(before);
});

test.each([
  ['INSERT ON otus_default.*', /^allowed: INSERT INTO [^;]*$/],
  [
    'ALTER ON otus_default.*',
    /^allowed: ALTER TABLE .* DELETE WHERE 0; allowed: ALTER TABLE .* ADD COLUMN [^;]*$/,
  ],
  ['CREATE TABLE ON otus_default.*, TABLE ENGINE ON Memory', /^allowed: CREATE TABLE [^;]*$/],
  ['DROP TABLE ON otus_default.*', /^allowed: DROP TABLE [^;]*$/],
  ['SELECT ON system.processes', /^allowed: SELECT count\(\) FROM system.processes$/],
  ['SELECT ON system.*, SHOW USERS ON *.*', /system.processes.*system.users/],
])(
  'a reader with GRANT %s fails on that node, and rows and tables stay',
  async (grant, observed) => {
    await using damage = await granted(grant);
    expect(damage).toBeDefined();
    const before = await tables();
    expect(await failures()).toMatchObject([
      { node: 'clickhouse-02', observed: expect.stringMatching(observed) },
    ]);
    expect(await tables()).toEqual(before);
    const count = `SELECT count() AS rows FROM otus_default.hw16_demo_products`;
    const rows = z.object({ rows: z.coerce.number() });
    expect(await own.cluster.node('clickhouse-02').query(count, rows)).toEqual([{ rows: 10 }]);
  },
);

test('a reader who cannot read a table fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-04', 'users.xml', (text) =>
    text.replace('GRANT SELECT, SHOW ON otus_default.*', `GRANT SELECT ON otus_default.other`),
  );
  // Other nodes may fail as well: what they read through the Distributed table may be on this one.
  const found = (await failures()).find(({ node }) => node === 'clickhouse-04');
  expect(found?.observed).toMatch(/^denied: SELECT count\(\) FROM .*hw16_demo_products_local/);
});

test('without the reader’s password the check is skipped with the reason', async () => {
  const { bi_user_password: _, ...secrets } = own.secrets;
  const { status, findings } = await runCheck(readerPrivileges, { ...own.context(10), secrets });
  expect(status).toBe('skipped');
  expect(findings[0]?.reason).toContain('bi_user_password');
});
