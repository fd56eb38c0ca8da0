import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { DISTRIBUTED } from '../../test/test-cluster.ts';
import { askNodes } from './ask-nodes.ts';
import type { Cluster } from './cluster.ts';
import { reachCluster } from './reachable.ts';
import type { SilentNodeError } from './silent-node.ts';

const oneRow = z.object({ one: z.coerce.number() });
const anyRow = z.object({});

let own: ReplicatedCluster;
let cluster: Cluster;
const silent: SilentNodeError[] = [];
beforeAll(async () => {
  own = await startReplicatedCluster({ coordinators: 3 });
  await own.load();
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await own.runtime.thaw('clickhouse-03');
  silent.splice(0);
});
afterAll(() => own[Symbol.asyncDispose]());

async function reach(): Promise<Cluster> {
  const { deployment, secrets } = own;
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const onSilent = (error: SilentNodeError): number => silent.push(error);
  return reachCluster(deployment, account, deployment.secretsFile, onSilent);
}

test('a node that answers is left as long as its query takes', async () => {
  cluster = await reach();
  const slow = 'SELECT sleepEachRow(1) FROM numbers(6) SETTINGS max_block_size = 1';
  await expect(cluster.node('clickhouse-03').query(slow, anyRow)).resolves.toHaveLength(6);
  expect(silent).toEqual([]);
});

test('a node that freezes while it is asked is reported once, ends what it was asked, and is asked nothing more', async () => {
  cluster = await reach();
  await own.runtime.freeze('clickhouse-03');
  const node = cluster.node('clickhouse-03');
  const asked = [1, 2].map(() => node.query('SELECT 1 AS one', oneRow));
  const begin = performance.now();
  for (const outcome of await Promise.allSettled(asked)) {
    expect(outcome).toMatchObject({ status: 'rejected' });
  }
  expect(performance.now() - begin).toBeLessThan(20_000);
  expect(silent.map(({ node: name }) => name)).toEqual(['clickhouse-03']);
  const after = performance.now();
  await expect(node.query('SELECT 1 AS one', oneRow)).rejects.toBe(silent[0]);
  expect(performance.now() - after).toBeLessThan(1000);
});

test('a frozen node is left out of what all nodes are asked, and of what the first one is', async () => {
  await own.runtime.freeze('clickhouse-03');
  cluster = await reach();
  const { answers, silent: unasked } = await askNodes(cluster.nodes, (client) =>
    client.query(`SELECT count() AS one FROM ${DISTRIBUTED}`, oneRow),
  );
  expect(answers.map(({ value }) => value)).toEqual(Array(3).fill([{ one: 1000 }]));
  expect(unasked).toMatchObject([{ status: 'skipped', node: 'clickhouse-03' }]);
  expect(cluster.nodes.at(-1)?.node.name).toBe('clickhouse-03');
});

test('a server that refuses the one account is no silent one, but cannot be asked', async () => {
  const { deployment, secrets } = own;
  const account = { user: secrets.super_user_name, password: 'a-wrong-password' };
  cluster = await reach();
  await expect(
    reachCluster(deployment, account, 'my-secrets.env', () => undefined),
  ).rejects.toThrow('set super_user_name and super_user_password in my-secrets.env');
});
