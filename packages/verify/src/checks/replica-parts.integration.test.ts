import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import { forget, invent } from '../../test/coordination-client.ts';
import {
  LOCAL,
  rowsFrom,
  startReplicatedCluster,
  type ReplicatedCluster,
} from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { replicaParts } from './replica-parts.ts';

let own: ReplicatedCluster;
let first: NodeClient;
let second: NodeClient;
beforeAll(async () => {
  own = await startReplicatedCluster();
  [first, second] = [own.cluster.node('clickhouse-01'), own.cluster.node('clickhouse-03')];
});
beforeEach(() => own.load());
afterAll(() => own?.[Symbol.asyncDispose]());

const notPassed = async () =>
  (await runCheck(replicaParts, impatient(own.context()))).findings.filter(
    ({ status }) => status !== 'passed',
  );

const coordinator = () => own.deployment.clickhouse.coordination!.servers[0]!;

const partRow = z.object({ name: z.string(), path: z.string() });
const partsOf = ({ query }: NodeClient) =>
  query(
    `SELECT name, path FROM system.parts WHERE active AND table = 'hw16_demo_products_local'
     ORDER BY modification_time DESC, name`,
    partRow,
  );

/** Gives two parts of a partition to both replicas, and has the first one merge them. */
async function mergeOnFirst(): Promise<void> {
  await first.command(
    `INSERT INTO ${LOCAL} VALUES (8000, 'One more', 'Books', 1, '2026-06-01 00:00:00')`,
  );
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  await first.command(`OPTIMIZE TABLE ${LOCAL} PARTITION 202606 FINAL SETTINGS alter_sync = 1`);
}

test('replicas with the same parts, all of which coordination knows, pass', async () => {
  const { status, findings } = await runCheck(replicaParts, own.context());
  expect(status).toBe('passed');
  expect(findings.map(({ subject }) => subject?.split(', ')[1])).toEqual([
    ...['shard 01', 'shard 02'],
    ...Array<string>(4).fill('parts in coordination'),
  ]);
});

test('a part that a replica does not fetch fails, and is named', async () => {
  await second.command('SYSTEM STOP FETCHES');
  try {
    await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 1)}`);
    await expect.poll(notPassed).toMatchObject([
      {
        status: 'failed',
        node: 'clickhouse-03',
        observed: expect.stringMatching(/^1 different: \w+ only on clickhouse-01$/),
      },
    ]);
  } finally {
    await second.command('SYSTEM START FETCHES');
  }
});

test('a partition that is detached on one replica alone fails', async () => {
  await second.command(`SYSTEM STOP REPLICATION QUEUES ${LOCAL}`);
  try {
    await first.command(`ALTER TABLE ${LOCAL} DETACH PARTITION 202605 SETTINGS alter_sync = 1`);
    await expect.poll(notPassed).toMatchObject([
      {
        status: 'failed',
        observed: expect.stringMatching(/^1 different: 202605\S+ only on clickhouse-03$/),
      },
    ]);
  } finally {
    await second.command(`SYSTEM START REPLICATION QUEUES ${LOCAL}`);
  }
});

test('lag alone passes: parts that arrive while the check looks', async () => {
  await second.command('SYSTEM STOP FETCHES');
  await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(6000, 1)}`);
  const late = repairedAfter(patient(own.context()), 'clickhouse-03', /system.parts /, () =>
    own.fetchAgain('clickhouse-03'),
  );
  expect((await runCheck(replicaParts, late)).status).toBe('passed');
});

test('a part that one replica is still merging passes: its rows are there', async () => {
  // Makes the next merge sleep for seconds.
  await second.command('SYSTEM ENABLE FAILPOINT rmt_merge_task_sleep_in_prepare');
  await mergeOnFirst();
  const { status, findings } = await runCheck(replicaParts, patient(own.context()));
  expect(findings[0]?.observed).toMatch(/^the same rows in other parts: 1 .* of which 0 wait$/);
  expect(status).toBe('passed');
});

test('merges that one replica does not begin warn, with the reason', async () => {
  await second.command('SYSTEM STOP MERGES');
  try {
    await mergeOnFirst();
    await expect.poll(notPassed).toMatchObject([
      {
        status: 'warned',
        node: 'clickhouse-03',
        observed: expect.stringMatching(/^the same rows in other parts/),
        reason: expect.stringContaining('merges and mutations are cancelled now'),
      },
    ]);
  } finally {
    await second.command('SYSTEM START MERGES');
  }
});

test('a part of which coordination does not know fails on its node', async () => {
  const [part] = await partsOf(second);
  await forget(coordinator(), `${await own.replicaPath('clickhouse-03')}/parts/${part!.name}`);
  await expect.poll(notPassed).toMatchObject([
    {
      status: 'failed',
      subject: 'hw16_demo_products_local, parts in coordination',
      node: 'clickhouse-03',
      observed: expect.stringMatching(/^\w+ is unknown to coordination$/),
    },
  ]);
});

test('a replica that coordination was made to forget fails with all its parts', async () => {
  await forget(coordinator(), await own.replicaPath('clickhouse-03'));
  await expect.poll(notPassed).toMatchObject([
    {
      node: 'clickhouse-03',
      observed: expect.stringMatching(/unknown to coordination and [1-9]\d* more$/),
    },
  ]);
});

test('a part that coordination has for a replica, and which is not there, fails', async () => {
  await invent(coordinator(), `${await own.replicaPath('clickhouse-03')}/parts/202501_7_7_0`);
  await expect.poll(notPassed).toMatchObject([
    {
      status: 'failed',
      node: 'clickhouse-03',
      observed: '202501_7_7_0 is missing on the node',
    },
  ]);
});

test('a part whose files are gone fails until it was fetched again', async () => {
  await first.command('SYSTEM STOP REPLICATED SENDS');
  const [lost] = await partsOf(second);
  await own.runtime.stop('clickhouse-03');
  await rm(lost!.path, { recursive: true });
  await own.runtime.start('clickhouse-03');
  await expect
    .poll(notPassed)
    .toMatchObject([
      { node: 'clickhouse-03', observed: `1 different: ${lost!.name} only on clickhouse-01` },
    ]);
  await first.command('SYSTEM START REPLICATED SENDS');
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  await expect.poll(notPassed).toEqual([]);
});
