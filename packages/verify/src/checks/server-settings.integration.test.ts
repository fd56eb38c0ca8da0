import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowing } from '../../test/allowing.ts';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { serverSettings } from './server-settings.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const failures = async (context = own.context()) =>
  (await runCheck(serverSettings, context)).findings.filter((f) => f.status !== 'passed');
const inConfig = (node: string, xml: string) =>
  editedConfig(own, node, 'config.xml', (text) =>
    text.replace(/(<\/(?:clickhouse|yandex)>)\s*$/, `${xml}$1`),
  );

test('settings of an undamaged cluster pass, and the paths that differ are shown', async () => {
  const { status, findings } = await runCheck(serverSettings, own.context());
  expect(status).toBe('passed');
  const paths = findings.find(({ subject }) => subject === 'server settings that may differ');
  expect(paths?.difference).toMatch(/\n-path = .*01\n\+path = .*02/);
});

test('a server setting that one node has otherwise fails, unless the contract allows it', async () => {
  await using _ = await inConfig(
    'clickhouse-02',
    '<max_concurrent_queries>77</max_concurrent_queries>',
  );
  expect(await failures()).toMatchObject([
    {
      node: 'clickhouse-02',
      observed: 'server-setting max_concurrent_queries is there, and not on the others',
      difference: expect.stringContaining('\n+max_concurrent_queries = 77'),
    },
  ]);
  const allowed = { kind: 'server-setting', name: 'max_concurrent_*', reason: 'a small machine' };
  expect(await failures(allowing(own.context(), allowed))).toEqual([]);
});

test('the queue of ON CLUSTER statements is no path of a node’s own', async () => {
  await using _ = await inConfig(
    'clickhouse-03',
    '<distributed_ddl><path>/elsewhere</path></distributed_ddl>',
  );
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-03', observed: expect.stringContaining('distributed_ddl.path') },
  ]);
});

test('a MergeTree setting that one node has otherwise fails once', async () => {
  await using _ = await editedConfig(own, 'clickhouse-04', 'config.xml', (text) =>
    text.replace('<merge_tree>', '<merge_tree><parts_to_throw_insert>7</parts_to_throw_insert>'),
  );
  expect(await failures()).toMatchObject([
    {
      subject: 'settings of MergeTree tables',
      node: 'clickhouse-04',
      observed: 'merge-tree-setting parts_to_throw_insert is there, and not on the others',
    },
  ]);
});

test('a session time zone in one node’s profile fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-01', 'users.xml', (text) =>
    text.replace('<default>', '<default><session_timezone>America/New_York</session_timezone>'),
  );
  expect(await failures()).toMatchObject([
    {
      subject: 'settings of the account’s sessions',
      node: 'clickhouse-01',
      difference: expect.stringContaining('\n+session_timezone = America/New_York'),
    },
  ]);
});
