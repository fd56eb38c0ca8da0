import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findZookeeper } from '@provehouse/infra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  hasServer,
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
const zookeeper = await findZookeeper(process.env);

describe.skipIf(!hasServer || zookeeper === undefined)(
  'parts of which coordination does not know (skipped where no ClickHouse server and ZooKeeper are)',
  () => {
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
      const [found] = await own.cluster
        .node(node)
        .query(`SELECT count() AS rows FROM ${LOCAL}`, row);
      return found?.rows ?? 0;
    };

    const partsOf = async (node: string): Promise<string[]> => {
      const row = z.object({ name: z.string() });
      const sql = `SELECT name FROM system.parts WHERE active AND table = '${TABLE}'`;
      return (await own.cluster.node(node).query(sql, row)).map(({ name }) => name);
    };

    /** Takes a node of the tree away from coordination. */
    async function forget(path: string): Promise<void> {
      const [command = '', ...words] = zookeeper?.slice(0, -1) ?? [];
      const [server] = own.deployment.clickhouse.coordination?.servers ?? [];
      const client = ['org.apache.zookeeper.ZooKeeperMain', '-server'];
      await promisify(execFile)(command, [
        ...[...words, ...client, `${server?.host}:${server?.port}`],
        ...['deleteall', path],
      ]);
    }

    test('on a cluster that is well there are none', async () => {
      expect(await dropOrphanParts(target, TABLE)).toEqual([]);
    });

    test('they go when their replica is restarted, with the rows that are there twice', async () => {
      const { command, query } = own.cluster.node(NODE);
      const before = await rowsOf(NODE);
      await own.cluster.node(PEER).command('SYSTEM STOP FETCHES');
      await command(`INSERT INTO ${LOCAL} ${rowsFrom(1, 5)}`);
      const known = new Set(await partsOf(PEER));
      const [replica] = await query(
        'SELECT replica_path FROM system.replicas',
        z.object({ replica_path: z.string() }),
      );
      for (const part of (await partsOf(NODE)).filter((name) => !known.has(name))) {
        await forget(`${replica?.replica_path}/parts/${part}`);
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
  },
);
