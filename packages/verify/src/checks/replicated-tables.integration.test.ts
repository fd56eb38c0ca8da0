import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { impatient } from '../../test/changed-context.ts';
import { forget } from '../../test/coordination-client.ts';
import {
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { ClusterCheck } from '../check.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { partHealth } from './part-health.ts';
import { replicaContent } from './replica-content.ts';

/** What the checks that look at any tables say of those that replicate. */
let own: ReplicatedCluster;
let first: NodeClient;
let second: NodeClient;
beforeAll(async () => {
  own = await startReplicatedCluster();
  [first, second] = [own.cluster.node('clickhouse-01'), own.cluster.node('clickhouse-03')];
});
beforeEach(() => own.load());
afterAll(() => own?.[Symbol.asyncDispose]());

const notPassed = async (check: ClusterCheck) => {
  const { findings } = await runCheck(check, impatient(own.context()));
  return findings
    .filter(({ status }) => status !== 'passed')
    .map(({ status, node, subject }) => [status, node, subject?.split(', ')[1]]);
};
const partRow = z.object({ name: z.string(), path: z.string() });
const newestPart = async ({ query }: NodeClient) => {
  const [part] = await query(
    `SELECT name, path FROM system.parts WHERE active AND table = 'hw16_demo_products_local'
     ORDER BY modification_time DESC, name LIMIT 1`,
    partRow,
  );
  return part!;
};

test('replicas with the same rows in whole parts pass', async () => {
  expect(await notPassed(replicaContent)).toEqual([]);
  expect(await notPassed(partHealth)).toEqual([]);
});

test('rows that a replica does not fetch are a difference of content, and are shown', async () => {
  await second.command('SYSTEM STOP FETCHES');
  try {
    await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 1)}`);
    const { findings } = await runCheck(replicaContent, impatient(own.context()));
    const [failed] = findings.filter(({ status }) => status === 'failed');
    expect(failed?.subject).toBe('hw16_demo_products_local, shard 01');
    expect(failed?.evidence?.[1]?.rows.map((row) => row.slice(0, 3))).toEqual([
      ['clickhouse-01', 1, 5000],
    ]);
  } finally {
    await own.fetchAgain('clickhouse-03');
  }
});

test('a partition that is detached fails on both replicas, and passes when its parts were dropped', async () => {
  const { command } = first;
  await command(`ALTER TABLE ${LOCAL} DETACH PARTITION 202605 SETTINGS alter_sync = 2`);
  expect(await notPassed(partHealth)).toEqual([
    ['failed', 'clickhouse-01', 'detached parts'],
    ['failed', 'clickhouse-03', 'detached parts'],
  ]);
  for (const node of [first, second]) {
    await node.command(
      `ALTER TABLE ${LOCAL} DROP DETACHED PARTITION 202605 SETTINGS allow_drop_detached = 1`,
    );
  }
  expect(await notPassed(partHealth)).toEqual([]);
});

test('a part that coordination was made to forget warns once the replica has set it aside: its peer has the rows', async () => {
  const { name } = await newestPart(second);
  const path = `${await own.replicaPath('clickhouse-03')}/parts/${name}`;
  await forget(own.deployment.clickhouse.coordination!.servers[0]!, path);
  await second.command(`SYSTEM RESTART REPLICA ${LOCAL}`);
  expect(await notPassed(partHealth)).toContainEqual(['warned', 'clickhouse-03', 'detached parts']);
});

test('a byte changed on disk fails, and only warns when the replica has fetched the part again', async () => {
  // The broken part must be removed first, for which a replica that was just reading it waits for minutes.
  await second.command(
    `ALTER TABLE ${LOCAL} MODIFY SETTING cleanup_delay_period = 1, max_cleanup_delay_period = 1,
       cleanup_delay_period_random_add = 0`,
  );
  await second.command(`DETACH TABLE ${LOCAL}`);
  await second.command(`ATTACH TABLE ${LOCAL}`);
  const file = join((await newestPart(second)).path, 'data.bin');
  const bytes = await readFile(file);
  bytes[40]! ^= 0xff;
  await writeFile(file, bytes);
  expect(await notPassed(partHealth)).toContainEqual(['failed', 'clickhouse-03', 'checksums']);
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  expect(await notPassed(partHealth)).toEqual([['warned', 'clickhouse-03', 'detached parts']]);
  expect(await notPassed(replicaContent)).toEqual([]);
});
