import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import { workloads } from './workloads.ts';

let own: TestCluster;
beforeAll(async () => {
  own = await startTestCluster();
});
async function dropAll(): Promise<void> {
  for (const { command } of own.cluster.nodes) {
    for (const drop of [
      'WORKLOAD IF EXISTS nightly',
      'WORKLOAD IF EXISTS all',
      'RESOURCE IF EXISTS cpu',
    ]) {
      await command(`DROP ${drop}`);
    }
  }
}
beforeEach(dropAll);
afterAll(async () => {
  await dropAll();
  await own[Symbol.asyncDispose]();
});

const everywhere = async (sql: string) => {
  for (const { command } of own.cluster.nodes) await command(sql);
};
const verdict = () => runCheck(workloads, own.context());
const failures = async () => (await verdict()).findings.filter(({ status }) => status === 'failed');

test('nodes without any pass', async () => {
  const { status, findings } = await verdict();
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    'no workloads alike on 4 nodes',
    'no resources alike on 4 nodes',
  ]);
});

test('the same ones pass, in whatever order they were made', async () => {
  await everywhere('CREATE WORKLOAD all');
  const [first, ...others] = own.cluster.nodes;
  const statements = [
    'CREATE RESOURCE cpu (MASTER THREAD, WORKER THREAD)',
    'CREATE WORKLOAD nightly IN all SETTINGS weight = 3',
  ];
  for (const statement of statements) await first?.command(statement);
  for (const { command } of others) {
    for (const statement of statements.toReversed()) await command(statement);
  }
  const { status, findings } = await verdict();
  expect(status).toBe('passed');
  expect(findings.map(({ observed }) => observed)).toEqual([
    '2 workloads alike on 4 nodes',
    '1 resources alike on 4 nodes',
  ]);
});

test('a workload with another weight on one node fails there, with both texts', async () => {
  await everywhere('CREATE WORKLOAD all');
  for (const { node, command } of own.cluster.nodes) {
    const weight = node.name === 'clickhouse-03' ? 9 : 3;
    await command(`CREATE WORKLOAD nightly IN all SETTINGS weight = ${weight}`);
  }
  const found = await failures();
  expect(found).toMatchObject([{ subject: 'workloads', node: 'clickhouse-03' }]);
  expect(found[0]?.difference).toMatch(/\n-.*weight = 3[^]*\n\+.*weight = 9/);
});

test('a resource that one node lacks fails there', async () => {
  for (const { node, command } of own.cluster.nodes) {
    if (node.name !== 'clickhouse-02') await command('CREATE RESOURCE cpu (MASTER THREAD)');
  }
  expect(await failures()).toMatchObject([{ subject: 'resources', node: 'clickhouse-02' }]);
});
