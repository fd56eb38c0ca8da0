import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { forget } from '../../../test/coordination-client.ts';
import {
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../../test/replicated-cluster.ts';
import type { DrillTarget } from '../drill-target.ts';
import { dropOrphanParts } from './orphan-parts.ts';

const TABLE = LOCAL.slice(LOCAL.indexOf('.') + 1);
const NODE = 'clickhouse-03';
const PEER = 'clickhouse-01';

let own: ReplicatedCluster;
let target: DrillTarget;
beforeAll(async () => {
  own = await startReplicatedCluster();
  const account = {
    user: own.secrets.super_user_name ?? '',
    password: own.secrets.super_user_password ?? '',
  };
  target = { ...own.context(), account, runtime: own.runtime };
  await own.load();
});
afterAll(() => own?.[Symbol.asyncDispose]());

const rowsOf = async (node: string): Promise<number> => {
  const row = z.object({ rows: z.coerce.number() });
  const [found] = await own.cluster.node(node).query(`SELECT count() AS rows FROM ${LOCAL}`, row);
  return found?.rows ?? 0;
};

const partsOf = async (node: string): Promise<string[]> => {
  const row = z.object({ name: z.string() });
  const sql = `SELECT name FROM system.parts WHERE active AND table = '${TABLE}'`;
  return (await own.cluster.node(node).query(sql, row)).map(({ name }) => name);
};

test('on a cluster that is well there are none', async () => {
  expect(await dropOrphanParts(target, TABLE)).toEqual([]);
});

test('they go when their replica is restarted, with the rows that are there twice', async () => {
  const { command } = own.cluster.node(NODE);
  const before = await rowsOf(NODE);
  await own.cluster.node(PEER).command('SYSTEM STOP FETCHES');
  await command(`INSERT INTO ${LOCAL} ${rowsFrom(1, 5)}`);
  const known = new Set(await partsOf(PEER));
  const [server = { host: '', port: 0 }] = own.deployment.clickhouse.coordination?.servers ?? [];
  const replica = await own.replicaPath(NODE);
  for (const part of (await partsOf(NODE)).filter((name) => !known.has(name))) {
    await forget(server, `${replica}/parts/${part}`);
  }
  expect(await rowsOf(NODE)).toBe(before + 5);

  const findings = await dropOrphanParts(target, TABLE);

  expect(findings).toMatchObject([
    {
      status: 'warned',
      node: NODE,
      observed: expect.stringMatching(/with 5 rows; 0 after SYSTEM RESTART REPLICA$/),
    },
  ]);
  expect(await rowsOf(NODE)).toBe(before);
});
