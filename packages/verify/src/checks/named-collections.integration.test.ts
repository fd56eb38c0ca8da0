import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { editedConfig } from '../../test/edited-config.ts';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { namedCollections } from './named-collections.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
const everywhere = async (sql: string) => {
  for (const { command } of own.cluster.nodes) await command(sql);
};
const DROP = 'DROP NAMED COLLECTION IF EXISTS storage';
beforeEach(async () => {
  await everywhere(DROP);
  await everywhere(`CREATE NAMED COLLECTION storage AS url = 'http://s', secret = 'pw'`);
});
afterAll(async () => {
  await everywhere(DROP);
  await own[Symbol.asyncDispose]();
});

const verdict = () => runCheck(namedCollections, own.context());
const failures = async () => (await verdict()).findings.filter(({ status }) => status !== 'passed');

test('collections with the same keys pass, and their values are not read', async () => {
  await own.cluster.node('clickhouse-03').command(`ALTER NAMED COLLECTION storage SET url = 'z'`);
  const { status, findings } = await verdict();
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '1 named collections alike on 4 nodes',
  ]);
});

test('a key too many on one node fails, and no value is shown', async () => {
  const { command } = own.cluster.node('clickhouse-02');
  await command(`ALTER NAMED COLLECTION storage SET region = 'hidden from all'`);
  const found = await failures();
  expect(found).toMatchObject([
    {
      node: 'clickhouse-02',
      difference: expect.stringContaining('+++ named-collection storage on clickhouse-02\n'),
    },
  ]);
  expect(found[0]?.difference).toContain('\n+region');
  expect(JSON.stringify(found)).not.toMatch(/hidden from all|http:/);
});

test('a collection that only the configuration of one node has fails', async () => {
  await using _ = await editedConfig(own, 'clickhouse-04', 'config.xml', (text) =>
    text.replace(
      /(<\/(?:clickhouse|yandex)>)\s*$/,
      '<named_collections><queue><host>h</host></queue></named_collections>$1',
    ),
  );
  expect(await failures()).toMatchObject([
    { node: 'clickhouse-04', observed: 'named-collection queue is there, and not on the others' },
  ]);
});

test('what the account may not see is inconclusive on a platform of this project, and skipped on another’s', async () => {
  const { deployment, secrets, ...context } = own.context();
  const account = { user: secrets['bi_user_name']!, password: secrets['bi_user_password']! };
  await using cluster = connectCluster(deployment, account);
  const asReader = { ...context, deployment, secrets, cluster };
  const { status, findings } = await runCheck(namedCollections, asReader);
  expect(status).toBe('inconclusive');
  expect(findings[0]?.reason).toMatch(/^GRANT .* TO su$/);
  const external = { ...deployment, runtime: 'external' } as const;
  expect((await runCheck(namedCollections, { ...asReader, deployment: external })).status).toBe(
    'skipped',
  );
});
