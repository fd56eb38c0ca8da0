import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  COLUMNS,
  LOCAL,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import { replicaPaths } from './replica-paths.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
});
beforeEach(() => own.load());
afterAll(() => own?.[Symbol.asyncDispose]());

/** Makes the table again on one node with another path or name. */
const remake = async (
  node: string,
  path: string,
  replica: string,
  settings = '',
): Promise<void> => {
  const { command } = own.cluster.node(node);
  await command(`DROP TABLE ${LOCAL} SYNC`);
  await command(
    `CREATE TABLE ${LOCAL} ${COLUMNS} ENGINE = ReplicatedMergeTree('${path}', '${replica}')
     PARTITION BY toYYYYMM(created_at) ORDER BY id ${settings}`,
  );
};
/** The path of a node's shard. */
const shardPath = async (node: string): Promise<string> =>
  (await own.replicaPath(node)).replace(/\/replicas\/.*/, '');
const failures = async () =>
  (await runCheck(replicaPaths, own.context())).findings.filter((f) => f.status === 'failed');

test('replicas where the macros say pass', async () => {
  expect((await runCheck(replicaPaths, own.context())).status).toBe('passed');
});

test('a replica with another name than its macro fails', async () => {
  await remake('clickhouse-03', '/clickhouse/tables/01/otus_default/named', 'other');
  expect(await failures()).toContainEqual(
    expect.objectContaining({ node: 'clickhouse-03', observed: 'other' }),
  );
});

test('replicas of one shard that never meet fail', async () => {
  await remake('clickhouse-03', '/clickhouse/tables/01/otus_default/elsewhere', '02');
  const subjects = (await failures()).map(({ subject }) => subject);
  expect(subjects).toContain('hw16_demo_products_local, shard 01');
});

test('two shards that share a path fail', async () => {
  await remake('clickhouse-04', await shardPath('clickhouse-01'), '04');
  const found = await failures();
  expect(found.map(({ observed }) => observed).join()).toContain('also on clickhouse-04');
});

test('a node without the table fails', async () => {
  await own.cluster.node('clickhouse-02').command(`DROP TABLE ${LOCAL} SYNC`);
  expect(await failures()).toContainEqual(
    expect.objectContaining({ node: 'clickhouse-02', observed: 'none in system.replicas' }),
  );
});

test('a replica that was made with its path and name spelled out, and leaves merges to its peer, passes', async () => {
  const path = await shardPath('clickhouse-03');
  await remake('clickhouse-03', path, '02', 'SETTINGS replicated_can_become_leader = 0');
  const { status, findings } = await runCheck(replicaPaths, own.context());
  expect(status).toBe('passed');
  expect(findings.find(({ subject }) => subject?.endsWith('shard 01, leader'))?.observed).toBe('1');
});
