import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { accessEntities } from './access-entities.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const failures = async (context = own.context()) =>
  (await runCheck(accessEntities, context)).findings.filter((f) => f.status !== 'passed');
const inUsers = (node: string, edit: (text: string) => string) =>
  editedConfig(own, node, 'users.xml', edit);

test('the users of an undamaged cluster pass, kind by kind', async () => {
  const { status, findings } = await runCheck(accessEntities, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '3 users alike on 4 nodes',
    'no roles alike on 4 nodes',
    '3 grants alike on 4 nodes',
    'no granted roles alike on 4 nodes',
    'no row policies alike on 4 nodes',
    '1 quotas alike on 4 nodes',
    'no limits of quotas alike on 4 nodes',
    '3 settings profiles alike on 4 nodes',
    '6 settings of profiles, users and roles alike on 4 nodes',
  ]);
});

test('a user on one node only fails, without its hash, unless the contract allows it', async () => {
  await using _ = await inUsers('clickhouse-03', (text) =>
    text.replace(
      '</users>',
      `<guest><password_sha256_hex>${HASH}</password_sha256_hex><profile>reader</profile></guest></users>`,
    ),
  );
  const found = await failures();
  expect(found.map(({ subject, node }) => [subject, node])).toContainEqual([
    'users',
    'clickhouse-03',
  ]);
  expect(new Set(found.map(({ node }) => node))).toEqual(new Set(['clickhouse-03']));
  expect(found[0]?.difference).toContain('\n+auth_type = sha256_password');
  expect(JSON.stringify(found)).not.toContain(HASH);
  const reason = 'a guest on that node';
  const allowed = ['user', 'grant'].map((kind) => ({ kind, name: 'guest', reason }));
  expect(await failures(allowing(own.context(), ...allowed))).toEqual([]);
});

test('users that are the same in another order of the file pass', async () => {
  const guests = ['ann', 'bob'].map(
    (name) => `<${name}><password_sha256_hex>${HASH}</password_sha256_hex></${name}>`,
  );
  const withGuests = (node: string, users: readonly string[]) =>
    inUsers(node, (text) => text.replace('</users>', `${users.join('')}</users>`));
  const edited = [
    await withGuests('clickhouse-01', guests),
    await withGuests('clickhouse-02', guests.toReversed()),
    await withGuests('clickhouse-03', guests),
    await withGuests('clickhouse-04', guests.toReversed()),
  ];
  try {
    expect(await failures()).toEqual([]);
  } finally {
    for (const one of edited) await one[Symbol.asyncDispose]();
  }
});

test.each([
  [
    'a grant',
    '<query>GRANT SELECT ON system.one</query>',
    '<query>GRANT SELECT ON system.one</query><query>GRANT INSERT ON otus_default.*</query>',
    { subject: 'grants', difference: expect.stringContaining('\n+GRANT INSERT ON otus_default.*') },
  ],
  [
    'a row policy',
    '<profile>reader</profile>',
    '<profile>reader</profile><databases><otus_default><t><filter>id &gt; 50</filter></t></otus_default></databases>',
    { subject: 'row policies', difference: expect.stringContaining('\n+select_filter = id > 50') },
  ],
  [
    'a quota',
    /<quotas>\s*<default\s*\/>|<quotas>\s*<default>\s*<\/default>/,
    '<quotas><default><interval><duration>3600</duration><queries>9</queries></interval></default>',
    { subject: 'limits of quotas', difference: expect.stringContaining('\n+max_queries = 9') },
  ],
  [
    'a setting of a profile',
    '<readonly>2</readonly>',
    '<readonly>2</readonly><max_result_rows>20</max_result_rows>',
    {
      subject: 'settings of profiles, users and roles',
      difference: expect.stringContaining('\n+setting_name = max_result_rows, value = 20'),
    },
  ],
  [
    'a role',
    '</users>',
    '</users><roles><analyst><grants><query>GRANT SELECT ON otus_default.*</query></grants></analyst></roles>',
    { subject: 'roles', observed: 'role analyst is there, and not on the others' },
  ],
])('%s on one node only fails there', async (_, from, to, finding) => {
  await using damage = await inUsers('clickhouse-02', (text) => text.replace(from, to));
  expect(damage).toBeDefined();
  const found = await failures();
  expect(found).toContainEqual(
    expect.objectContaining({ status: 'failed', node: 'clickhouse-02', ...finding }),
  );
  expect(new Set(found.map(({ node }) => node))).toEqual(new Set(['clickhouse-02']));
});

test('an account that may not see users is inconclusive, with the grant that is necessary', async () => {
  const { deployment, secrets, ...context } = own.context();
  const account = { user: secrets['bi_user_name']!, password: secrets['bi_user_password']! };
  await using cluster = connectCluster(deployment, account);
  const { status, findings } = await runCheck(accessEntities, {
    ...{ ...context, deployment, secrets, cluster },
  });
  expect(status).toBe('inconclusive');
  expect(findings[0]).toMatchObject({
    subject: 'users',
    reason: expect.stringMatching(/^GRANT SELECT .*system\.users TO su$/),
  });
});
