import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import type { Finding } from '../verdict.ts';
import { judgeDetached } from './detached-parts.ts';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster();
});
beforeEach(() => own.load());
afterAll(() => own?.[Symbol.asyncDispose]());

const judge = (node: string): Promise<Finding> =>
  judgeDetached(own.context(), own.cluster.node(node), { name: 'hw16_demo_products_local' });
const partRow = z.object({ name: z.string(), path: z.string() });
const newestPart = async (node: string) => {
  const [part] = await own.cluster.node(node).query(
    `SELECT name, path FROM system.parts WHERE active AND table = 'hw16_demo_products_local'
       ORDER BY modification_time DESC, name DESC LIMIT 1`,
    partRow,
  );
  return part!;
};
const folderOf = async (node: string) => join((await newestPart(node)).path, '../detached');

test('a partition that was detached alike and renamed to ignored is the only copy, on both replicas', async () => {
  await own.cluster.node('clickhouse-01').command(`ALTER TABLE ${LOCAL} DETACH PARTITION 202602`);
  await own.cluster.node('clickhouse-03').command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  expect(await judge('clickhouse-01')).toMatchObject({
    status: 'failed',
    observed: expect.stringContaining('by statement'),
    reason: expect.stringContaining('ATTACH PART'),
  });
  for (const node of ['clickhouse-01', 'clickhouse-03']) {
    const folder = await folderOf(node);
    for (const name of await readdir(folder)) {
      if (name.startsWith('202602'))
        await rename(join(folder, name), join(folder, `ignored_${name}`));
    }
    const { status, observed, reason } = await judge(node);
    expect(status).toBe('failed');
    expect(observed).toMatch(/ignored_202602_\S+ \(only copy\)/);
    expect(reason).toMatch(/^These are the only copies/);
    expect(reason).not.toContain('DROP');
  }
});

test('a part whose blocks an active part of the same replica has is to drop', async () => {
  const { name, path } = await newestPart('clickhouse-03');
  await cp(path, join(path, '../detached', `broken_${name}`), { recursive: true });
  const { status, observed, reason } = await judge('clickhouse-03');
  expect(status).toBe('warned');
  expect(observed).toBe(`1 detached: broken_${name} (in ${name} on clickhouse-03)`);
  expect(reason).toContain('DROP DETACHED PART');
});

test('a part whose blocks only the other replica has is to drop, as long as that one has them', async () => {
  const { command } = own.cluster.node('clickhouse-03');
  await command('SYSTEM STOP FETCHES');
  try {
    await own.cluster.node('clickhouse-01').command(`INSERT INTO ${LOCAL} ${rowsFrom(9000, 1)}`);
    const sql = `SELECT _part AS name, '' AS path FROM ${LOCAL} WHERE id = 9000`;
    const [{ name } = { name: '' }] = await own.cluster.node('clickhouse-01').query(sql, partRow);
    await mkdir(join(await folderOf('clickhouse-03'), `clone_${name}`));
    expect(await judge('clickhouse-03')).toMatchObject({
      status: 'warned',
      observed: `1 detached: clone_${name} (in ${name} on clickhouse-01)`,
    });
  } finally {
    await own.fetchAgain('clickhouse-03');
  }
});
