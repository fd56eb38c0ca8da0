import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { impatient, repairedAfter } from '../../test/changed-context.ts';
import { LOCAL, sampleRows, startTestCluster, type TestCluster } from '../../test/test-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { replicaContent } from './replica-content.ts';

let own: TestCluster;
let damaged: NodeClient;
beforeAll(async () => {
  own = await startTestCluster();
  damaged = own.cluster.node('clickhouse-03');
});
beforeEach(() => own.load());
afterAll(() => own[Symbol.asyncDispose]());

const look = async () => {
  const { findings } = await runCheck(replicaContent, impatient(own.context()));
  const [failed, ...others] = findings.filter(({ status }) => status === 'failed');
  expect(others).toEqual([]);
  expect(failed?.subject).toBe('hw16_demo_products_local, shard 01');
  return failed?.evidence?.[1]?.rows.map((row) => row.slice(0, 3));
};
/** An id that shard 01 holds. */
const ID = `(SELECT min(id) FROM ${LOCAL})`;

test('equal replicas pass', async () => {
  const { findings } = await runCheck(replicaContent, own.context());
  expect(findings.map(({ status }) => status)).toEqual(['passed', 'passed']);
});

test('a row deleted on one replica fails, and the row is shown', async () => {
  await damaged.command(`ALTER TABLE ${LOCAL} DELETE WHERE id = ${ID} SETTINGS mutations_sync = 1`);
  expect(await look()).toEqual([['clickhouse-01', 1, expect.any(Number)]]);
});

test('a value changed on one replica fails although the counts are equal; both rows are shown', async () => {
  await damaged.command(
    `ALTER TABLE ${LOCAL} UPDATE price = price + 1 WHERE id = ${ID} SETTINGS mutations_sync = 1`,
  );
  const rows = await look();
  expect(rows?.map(([node]) => node)).toEqual(['clickhouse-01', 'clickhouse-03']);
  expect(rows?.[0]?.[2]).toBe(rows?.[1]?.[2]);
});

test('rows doubled in pairs fail, which XOR would not see', async () => {
  for (let times = 0; times < 2; times += 1) {
    await damaged.command(`INSERT INTO ${LOCAL} ${sampleRows(3, 3)}`);
    await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${sampleRows(5, 5)}`);
  }
  const rows = await look();
  expect(rows?.map(([node, , id]) => [node, id])).toEqual(
    expect.arrayContaining([
      ['clickhouse-01', 5],
      ['clickhouse-03', 3],
    ]),
  );
});

test('a row that reaches a replica late passes', async () => {
  await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${sampleRows(1001, 1001)}`);
  const late = repairedAfter(own.context(1001), 'clickhouse-03', /AS `found content`/, () =>
    damaged.command(`INSERT INTO ${LOCAL} ${sampleRows(1001, 1001)}`),
  );
  const verdict = await runCheck(replicaContent, late);
  expect(verdict.status).toBe('passed');
  expect(verdict.durationMs).toBeGreaterThan(200);
});

test('the same rows in other parts, because one replica alone has merged them, pass', async () => {
  await damaged.command(`INSERT INTO ${LOCAL} ${sampleRows(1001, 1003)}`);
  await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${sampleRows(1001, 1003)}`);
  await damaged.command(`OPTIMIZE TABLE ${LOCAL} FINAL`);
  const { status } = await runCheck(replicaContent, impatient(own.context(1003)));
  expect(status).toBe('passed');
});

test('two replicas that fail to answer are not agreement', async () => {
  for (const name of ['clickhouse-01', 'clickhouse-03']) {
    await own.cluster.node(name).command(`DROP TABLE ${LOCAL} SYNC`);
  }
  const verdict = await runCheck(replicaContent, impatient(own.context()));
  expect(verdict.status).toBe('inconclusive');
  expect(verdict.findings.map(({ node }) => node)).toEqual(
    expect.arrayContaining(['clickhouse-01', 'clickhouse-03']),
  );
});

test('a shard of one replica is skipped', async () => {
  const context = own.context();
  const single = { ...context.cluster, nodes: context.cluster.nodes.slice(0, 2) };
  expect((await runCheck(replicaContent, { ...context, cluster: single })).status).toBe('skipped');
});
