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
import { observeStillness } from '../clickhouse/stillness.ts';
import { parseContract } from '../contract/read-contract.ts';
import { materializedViews } from './materialized-views.ts';
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

test('where nothing is on its way the tables are still, and each insert makes another state', async () => {
  await expect.poll(() => observeStillness(own.context())).toBeTypeOf('string');
  const before = await observeStillness(own.context());
  expect(await observeStillness(own.context(), { statements: true })).toBe(before);
  await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 1)}`);
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  await expect.poll(() => observeStillness(own.context())).toBeTypeOf('string');
  expect(await observeStillness(own.context())).not.toBe(before);
});

test.each([
  ['a replica does not fetch', 'SYSTEM STOP FETCHES', 'SYSTEM START FETCHES'],
  [
    'a replica does not read the log',
    'SYSTEM STOP REPLICATION QUEUES',
    'SYSTEM START REPLICATION QUEUES',
  ],
])('while %s, nothing is still', async (_, stop, start) => {
  await second.command(stop);
  try {
    await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(5000, 1)}`);
    // A node reads its queue before the log: what it pulls between the two shows at the next look.
    await expect.poll(() => observeStillness(own.context())).toBeUndefined();
    expect(await observeStillness(own.context())).toBeUndefined();
  } finally {
    await second.command(start);
  }
  await expect.poll(() => observeStillness(own.context())).toBeTypeOf('string');
});

test('while a mutation waits, nothing is still', async () => {
  await second.command('SYSTEM STOP MERGES');
  try {
    await first.command(`ALTER TABLE ${LOCAL} UPDATE price = price + 1 WHERE id = 1`);
    // A node reads its queue before the log: what it pulls between the two shows at the next look.
    await expect.poll(() => observeStillness(own.context())).toBeUndefined();
    expect(await observeStillness(own.context())).toBeUndefined();
  } finally {
    await second.command('SYSTEM START MERGES');
  }
  await expect.poll(() => observeStillness(own.context())).toBeTypeOf('string');
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

test('a view and its target pass on every replica, fail on one that lags, and need both to replicate', async () => {
  const onCluster = `ON CLUSTER ${own.deployment.clickhouse.cluster}`;
  const select = 'SELECT category, count() AS n FROM hw16_demo_products_local GROUP BY category';
  const make = async (engine: string) => {
    await first.command(`DROP TABLE IF EXISTS otus_default.by_category ${onCluster} SYNC`);
    await first.command(`DROP TABLE IF EXISTS otus_default.sums ${onCluster} SYNC`);
    await first.command(
      `CREATE TABLE otus_default.sums ${onCluster} (category String, n UInt64, other UInt64)
       ENGINE = ${engine} ORDER BY category`,
    );
    await first.command(
      `CREATE MATERIALIZED VIEW otus_default.by_category ${onCluster} TO otus_default.sums
       AS ${select.replace('hw16', 'otus_default.hw16')}`,
    );
  };
  const text = `version: 2
tables:
  - { name: by_category, kind: materialized-view, to: sums, select: "${select}", bucket: category }
replicas: { settleSeconds: 0 }`;
  const context = { ...own.context(), contract: parseContract(text, 'views.yaml') };
  const observed = async () => {
    const { findings } = await runCheck(materializedViews, context);
    return findings.map(({ status, node, observed: said }) => `${status} ${node}: ${said}`);
  };
  await first.command(`TRUNCATE TABLE ${LOCAL} ${onCluster} SYNC`);
  await make("ReplicatedSummingMergeTree('/sums/{shard}', '{replica}', n)");
  await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(1, 50)}`);
  await second.command('SYSTEM SYNC REPLICA otus_default.sums');
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  const [one, two, three, four] = await observed();
  expect([one, three].join()).toMatch(/^passed clickhouse-01: 1 bucket alike in sum\(n\),passed /);
  expect([two, four].join()).toMatch(/^passed clickhouse-02: 0 buckets alike in sum\(n\),passed /);
  await second.command('SYSTEM STOP FETCHES otus_default.sums');
  await first.command(`INSERT INTO ${LOCAL} ${rowsFrom(100, 1)}`);
  await second.command(`SYSTEM SYNC REPLICA ${LOCAL}`);
  expect((await observed())[2]).toMatch(
    /^failed clickhouse-03: 1 of 1 bucket differs, the first: category \w+, sum\(n\) in the source 51, sum\(n\) in the target 50$/,
  );
  await second.command('SYSTEM START FETCHES otus_default.sums');
  await make('SummingMergeTree');
  expect((await observed())[0]).toMatch(
    /^skipped clickhouse-01: of otus_default.hw16_demo_products_local \(ReplicatedMergeTree\) and sums \(SummingMergeTree\) one replicates$/,
  );
  await first.command(`DROP TABLE otus_default.by_category ${onCluster} SYNC`);
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
