import { addressInside } from '@provehouse/infra';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { nodeToNode } from './node-to-node.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own[Symbol.asyncDispose]());

const run = async () => (await runCheck(nodeToNode, own.context())).findings;
const failures = async () => (await run()).filter(({ status }) => status === 'failed');
const edited = (node: string, edit: (text: string) => string) =>
  editedConfig(own, node, 'config.xml', edit);
const SECRET = /<secret>.*?<\/secret>/;
const MEMBER = /(?<=<host>[^<]*<\/host>\s*<port>\d+<\/port>)(?=\s*<\/replica>)/g;
/** Lets the nodes log in to each other under an account instead of by the secret. */
async function withAccount(
  user: string,
  passwordFor: (node: string, member: number) => string,
): Promise<AsyncDisposable> {
  const undo = new AsyncDisposableStack();
  for (const { name } of own.deployment.clickhouse.nodes) {
    let member = 0;
    undo.use(
      await edited(name, (text) =>
        text.replace(SECRET, '').replaceAll(MEMBER, () => {
          const password = passwordFor(name, (member += 1));
          return `<user>${user}</user><password><![CDATA[${password}]]></password>`;
        }),
      ),
    );
  }
  return undo;
}

test('nodes that reach each other pass, for reading and for inserting', async () => {
  const found = await run();
  expect(found.map(({ subject, status }) => `${subject} ${status}`)).toEqual([
    ...Array<string>(4).fill('reading passed'),
    ...Array<string>(4).fill('inserting passed'),
  ]);
  expect(found[0]?.observed).toBe('4 of 4 answer');
});

test('a node whose secret differs is named as the one that takes part in all that fails', async () => {
  await using _ = await edited('clickhouse-03', (text) =>
    text.replace(SECRET, '<secret>another</secret>'),
  );
  const found = await failures();
  expect(found.map(({ node }) => node)).toEqual([
    'clickhouse-01',
    'clickhouse-02',
    'clickhouse-03',
    'clickhouse-04',
  ]);
  expect(found[0]?.observed).toMatch(/^clickhouse-03: ./);
  expect(found.every(({ reason }) => reason?.startsWith('clickhouse-03 takes part'))).toBe(true);
  expect(JSON.stringify(found)).not.toContain('another');
});

test('a peer that one node knows at another port fails there alone', async () => {
  const { nativePort: port } = addressInside(own.cluster.node('clickhouse-04').node);
  await using _ = await edited('clickhouse-01', (text) =>
    text.replace(`<port>${port}</port>`, '<port>1</port>'),
  );
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-01', observed: expect.stringMatching(/^\S+:1: .*refused/i) },
  ]);
});

test('nodes that log in under an account that may insert pass', async () => {
  const { super_user_name: user, super_user_password: password } = own.secrets;
  await using _ = await withAccount(user, () => password);
  expect(await failures()).toEqual([]);
});

test('a wrong password for one peer fails, without it in the words', async () => {
  const { super_user_name: user, super_user_password: password } = own.secrets;
  await using _ = await withAccount(user, (node, member) =>
    node === 'clickhouse-01' && member === 4 ? 'not-it-at-all' : password,
  );
  const found = await failures();
  expect(found).toMatchObject([
    {
      node: 'clickhouse-01',
      observed: expect.stringMatching(/^clickhouse-04: .*Authentication failed/),
    },
  ]);
  expect(JSON.stringify(found)).not.toContain('not-it-at-all');
});

test('an account that may only read fails on the nodes where it must insert', async () => {
  const { bi_user_name: user, bi_user_password: password } = own.secrets;
  await using _ = await withAccount(user, () => password);
  expect(await failures()).toMatchObject(
    own.deployment.clickhouse.nodes.map(({ name: node }) => ({
      node,
      subject: 'inserting',
      observed: expect.stringMatching(
        /^bi_user has no INSERT ON .*_local`; bi_user from clickhouse-01 has readonly = 2;/,
      ),
    })),
  );
});

test('a node that does not know the cluster fails, and is named', async () => {
  await using _ = await edited('clickhouse-02', (text) =>
    text.replaceAll('dwh_test>', 'dwh_tset>'),
  );
  const found = await failures();
  expect(found.find(({ node }) => node === 'clickhouse-02')?.observed).toBe('no cluster dwh_test');
  // By the secret of a cluster nobody gets in where it is not known.
  expect(found.find(({ node }) => node === 'clickhouse-01')?.reason).toMatch(
    /^clickhouse-02 takes part in all that fails/,
  );
});

test('a node whose account may set nothing is not asked, and takes no inserts of others', async () => {
  await using _ = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text
      .replace('</profiles>', '<fixed><readonly>1</readonly></fixed></profiles>')
      .replace(/(<su>(?:(?!<\/su>).)*<profile>)default/s, '$1fixed'),
  );
  const { super_user_name: user, super_user_password: password } = own.secrets;
  await using cluster = connectCluster(own.deployment, { user, password });
  const { findings: found } = await runCheck(nodeToNode, { ...own.context(), cluster });
  const of = (node: string, subject: string) =>
    found.find((finding) => finding.node === node && finding.subject === subject);
  expect(of('clickhouse-01', 'reading')).toMatchObject({
    status: 'skipped',
    reason: expect.stringMatching(/^The account may not ask: .*readonly/),
  });
  expect(of('clickhouse-01', 'inserting')).toMatchObject({
    status: 'failed',
    observed: expect.stringContaining('su from clickhouse-02 has readonly = 1'),
  });
  expect(of('clickhouse-03', 'inserting')?.status).toBe('passed');
});
