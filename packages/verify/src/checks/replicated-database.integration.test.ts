import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { impatient, patient, repairedAfter } from '../../test/changed-context.ts';
import { startReplicatedCluster, type ReplicatedCluster } from '../../test/replicated-cluster.ts';
import { runCheck } from '../check-run.ts';
import type { ClusterContext } from '../check.ts';
import { replicatedDatabase } from './replicated-database.ts';

const ENGINE = 'ReplicatedMergeTree ORDER BY id';

let own: ReplicatedCluster;
beforeAll(async () => {
  own = await startReplicatedCluster({ databaseEngine: 'replicated' });
});
afterEach(async () => {
  const entry = own.cluster.node('clickhouse-01');
  const tables = await entry.query('SHOW TABLES FROM otus_default', z.object({ name: z.string() }));
  for (const { name } of tables) await entry.command(`DROP TABLE otus_default.${name} SYNC`);
});
afterAll(() => own?.[Symbol.asyncDispose]());

const failures = async (context = impatient(own.context())) =>
  (await runCheck(replicatedDatabase, context)).findings.filter((f) => f.status === 'failed');

/** Gives a statement to the database by its first node, without waiting for the other nodes. */
const give = (statement: string) =>
  own.cluster
    .node('clickhouse-01')
    .command(`${statement} SETTINGS distributed_ddl_task_timeout = 0`);

/** The context of another database of the same cluster, which may be Replicated or not. */
const ofDatabase = (database: string, replicated: boolean): ClusterContext => {
  const context = own.context();
  const { clickhouse } = context.deployment;
  const capabilities = { ...clickhouse.capabilities, replicatedDatabase: replicated };
  const changed = { ...clickhouse, database, capabilities };
  return impatient({ ...context, deployment: { ...context.deployment, clickhouse: changed } });
};

test('a Replicated database whose replicas are all there and have its tables passes', async () => {
  expect(own.deployment.clickhouse.capabilities.replicatedDatabase).toBe(true);
  await give(`CREATE TABLE otus_default.a (id UInt32) ENGINE = ${ENGINE}`);
  const { status, findings } = await runCheck(replicatedDatabase, patient(own.context()));
  expect(status).toBe('passed');
  expect(findings.map(({ subject }) => subject)).toEqual([
    ...['engine', 'replica', 'replica', 'replica', 'replica', 'path', 'tables'],
  ]);
  expect(findings.at(-1)?.observed).toBe('1 tables on 4 nodes');
});

test('a replica that has not taken up what was given fails, and the statements are shown', async () => {
  const { command, query } = own.cluster.node('clickhouse-03');
  const entry = own.cluster.node('clickhouse-01');
  await entry.command('CREATE TABLE otus_default.held (id UInt32) ENGINE = MergeTree ORDER BY id');
  await command('INSERT INTO otus_default.held SELECT number FROM numbers(60)');
  // A table is not dropped while somebody reads it.
  const reading = command(
    `SELECT sleepEachRow(1) FROM otus_default.held
     SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null`,
  ).catch(() => 'killed');
  const readers = `system.processes WHERE query LIKE 'SELECT sleepEachRow(1)%'`;
  const stopReading = () => command(`KILL QUERY WHERE query LIKE 'SELECT sleepEachRow(1)%' SYNC`);
  try {
    await expect
      .poll(() => query(`SELECT query_id FROM ${readers}`, z.object({ query_id: z.string() })))
      .toHaveLength(1);
    await give('DROP TABLE otus_default.held SYNC');
    await give(`CREATE TABLE otus_default.later (name String DEFAULT 'secret') ENGINE = Log`);
    await expect
      .poll(() => nodesWith('later'))
      .toEqual(['clickhouse-01', 'clickhouse-02', 'clickhouse-04']);
    const found = await failures();
    expect(found).toMatchObject([
      { node: 'clickhouse-03', observed: '1 statements of the log are not taken up' },
      { subject: 'tables' },
    ]);
    const shown = JSON.stringify(found[0]?.evidence);
    expect(shown).toContain('CREATE TABLE');
    expect(shown).not.toContain('secret');
    const late = repairedAfter(
      patient(own.context()),
      'clickhouse-03',
      /system.database_replicas WHERE/,
      stopReading,
    );
    expect((await runCheck(replicatedDatabase, late)).status).toBe('passed');
  } finally {
    await stopReading();
  }
  expect(await reading).toBe('killed');
});

test('a table that one replica could not make fails, although its log is taken up', async () => {
  const metadata = await folderOfDefinitions('clickhouse-03');
  await mkdir(join(metadata, 'blocked.sql'));
  try {
    await own.cluster
      .node('clickhouse-01')
      .command(`CREATE TABLE otus_default.blocked (id UInt32) ENGINE = ${ENGINE}`);
    const found = await failures();
    expect(found).toMatchObject([
      {
        subject: 'tables',
        observed: 'not the same on all nodes: blocked',
        evidence: [
          {
            columns: ['table', 'clickhouse-01', 'clickhouse-02', 'clickhouse-03', 'clickhouse-04'],
          },
        ],
      },
    ]);
    expect(found[0]?.evidence?.[0]?.rows[0]?.[3]).toBe('none');
  } finally {
    await rm(join(metadata, 'blocked.sql'), { recursive: true });
    await rm(await folderOfRows('blocked', 'clickhouse-03'), { recursive: true, force: true });
  }
  expect((await runCheck(replicatedDatabase, patient(own.context()))).status).toBe('passed');
});

test('a replica that was dropped while it was down is read-only and missing, and comes back when it is restored', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  await own.runtime.stop('clickhouse-03');
  try {
    await expect
      .poll(
        () =>
          command(
            "SYSTEM DROP DATABASE REPLICA '02' FROM SHARD '01' FROM DATABASE otus_default",
          ).then(
            () => 'dropped',
            () => 'active',
          ),
        { timeout: 20_000 },
      )
      .toBe('dropped');
    expect(await failures()).toMatchObject(
      ['clickhouse-01', 'clickhouse-02', 'clickhouse-04'].map((node) => ({
        node,
        observed: '3 replicas are registered',
      })),
    );
  } finally {
    await own.runtime.start('clickhouse-03');
  }
  expect(await failures()).toContainEqual(
    expect.objectContaining({
      node: 'clickhouse-03',
      observed: expect.stringMatching(/^read-only; .*No node/),
    }),
  );
  await own.cluster.node('clickhouse-03').command('SYSTEM RESTORE DATABASE REPLICA otus_default');
  expect((await runCheck(replicatedDatabase, patient(own.context()))).status).toBe('passed');
});

test('a database of one engine that is not Replicated passes, engine alone', async () => {
  const { command } = own.cluster.node('clickhouse-01');
  await command('CREATE DATABASE plain ON CLUSTER dwh_test ENGINE = Atomic');
  const { status, findings } = await runCheck(replicatedDatabase, ofDatabase('plain', false));
  expect(status).toBe('passed');
  expect(findings).toMatchObject([{ subject: 'engine', observed: 'Atomic on 4 nodes' }]);
});

test.each([
  [
    'that one node lacks',
    ['clickhouse-01', 'clickhouse-02', 'clickhouse-03'],
    /no such database on clickhouse-04/,
  ],
  ['that is not Replicated although the deployment says so', undefined, /^Atomic on 4 nodes$/],
])('a database %s fails', async (_, nodes, observed) => {
  for (const { node, command } of own.cluster.nodes) {
    await command('DROP DATABASE IF EXISTS plain');
    if (nodes?.includes(node.name) ?? true) await command('CREATE DATABASE plain ENGINE = Atomic');
  }
  expect(await failures(ofDatabase('plain', nodes === undefined))).toMatchObject([
    { subject: 'engine', observed: expect.stringMatching(observed) },
  ]);
});

test('a database that is Replicated on some nodes, at a path of their own, fails for both', async () => {
  for (const { node, command } of own.cluster.nodes) {
    const path = `/clickhouse/databases/split/${node.replica}`;
    const engine = node.shard === '01' ? `Replicated('${path}', '{shard}', '{replica}')` : 'Atomic';
    await command(`CREATE DATABASE split ENGINE = ${engine}`);
  }
  const found = await failures(ofDatabase('split', true));
  expect(found.map(({ subject, node }) => node ?? subject)).toEqual([
    ...['engine', 'clickhouse-01', 'clickhouse-03', 'path'],
  ]);
});

/** The nodes that have a table by now. */
async function nodesWith(table: string): Promise<readonly string[]> {
  const asked = own.cluster.nodes.map(async ({ node, query }) => {
    const found = await query(
      `SELECT name FROM system.tables WHERE database = 'otus_default' AND name = '${table}'`,
      z.object({ name: z.string() }),
    );
    return found.length > 0 ? [node.name] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** Where a node keeps the definitions of the database's tables. */
async function folderOfDefinitions(node: string): Promise<string> {
  const [database] = await own.cluster
    .node(node)
    .query(
      "SELECT metadata_path AS path FROM system.databases WHERE name = 'otus_default'",
      z.object({ path: z.string() }),
    );
  return inDataOf(node, database?.path ?? '');
}

/** Where a node would keep the rows of a table that the other nodes have. */
async function folderOfRows(table: string, node: string): Promise<string> {
  const [found] = await own.cluster
    .node('clickhouse-01')
    .query(
      `SELECT toString(uuid) AS uuid FROM system.tables WHERE database = 'otus_default' AND name = '${table}'`,
      z.object({ uuid: z.string() }),
    );
  const uuid = found?.uuid ?? '';
  return inDataOf(node, join('store', uuid.slice(0, 3), uuid));
}

/** A path of a node, which may be relative to its data folder. */
function inDataOf(node: string, path: string): string {
  return join(own.runtime.dataFolder?.(node) ?? '', path);
}
