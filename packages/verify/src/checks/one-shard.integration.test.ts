import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime, type Runtime } from '@provehouse/infra';
import { readSecrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownPorts } from '../../test/own-ports.ts';
import { makeSharded, shardedContext, type ShardedTable } from '../../test/sharded-tables.ts';
import { runChecks } from '../check-run.ts';
import type { ClusterContext } from '../check.ts';
import type { Cluster } from '../clickhouse/cluster.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import { parseContract } from '../contract/read-contract.ts';
import { distributedCount } from './distributed-count.ts';
import { distributionQueue } from './distribution-queue.ts';
import { placement } from './placement.ts';
import { shardRows } from './shard-rows.ts';
import { spread } from './spread.ts';

const CHECKS = [distributedCount, shardRows, placement, spread, distributionQueue];
const NO_KEY: ShardedTable = {
  ...{ name: 't_nokey', columns: { id: 'UInt64' }, says: 'rows: 1000' },
  rows: 'SELECT number FROM numbers(1000)',
};

let home: string;
let runtime: Runtime;
let cluster: Cluster;
let context: ClusterContext;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  runtime = nativeRuntime({ home, name: 'one-shard' });
  const ports = Object.entries(ownPorts()).filter(([name]) => /-0[12]\./.test(name));
  const deployment = await runtime.up({
    ...{ shards: 1, replicas: 2, without: ['airflow'], replication: 'distributed-writes' },
    ports: Object.fromEntries(ports),
  });
  const secrets = await readSecrets(deployment.secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  cluster = connectCluster(deployment, account);
  await makeSharded(cluster, [NO_KEY]);
  const contract = parseContract(
    `version: 2
tables:
  - { name: t_nokey_local, kind: table }
`,
    'locals.yaml',
  );
  context = { deployment, secrets, cluster, contract, parameters: {} };
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
});

const judged = async (about: ClusterContext) =>
  Object.fromEntries(
    (await runChecks(CHECKS, about)).map(({ check, status, findings }) => [
      check,
      [status, findings.every(({ reason }) => status === 'passed' || reason !== undefined)],
    ]),
  );

test('a table on one shard, without a sharding key, is judged, and what has no meaning there skipped', async () => {
  expect(await judged(shardedContext(context, [NO_KEY]))).toEqual({
    'distributed-count': ['passed', true],
    'shard-rows': ['passed', true],
    'distribution-queue': ['passed', true],
    placement: ['skipped', true],
    spread: ['skipped', true],
  });
});

test('a sharding key on one shard names that one', async () => {
  const keyed = { ...NO_KEY, key: 'cityHash64(id)', says: 'spread: {}' };
  await makeSharded(cluster, [keyed]);
  expect(await judged(shardedContext(context, [keyed]))).toMatchObject({
    placement: ['passed', true],
    spread: ['skipped', true],
  });
});

test('a contract without a Distributed table is skipped with the reason, apart from the replicas', async () => {
  expect(await judged(context)).toEqual({
    'distributed-count': ['skipped', true],
    'shard-rows': ['passed', true],
    'distribution-queue': ['skipped', true],
    placement: ['skipped', true],
    spread: ['skipped', true],
  });
});
