import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  nativeRuntime,
  openBucket,
  type Bucket,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { repairedAfter } from '../../test/changed-context.ts';
import { CONTRACT_FILE } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import type { Cluster, NodeClient } from '../clickhouse/cluster.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import type { Contract } from '../contract/contract.ts';
import { readContract } from '../contract/read-contract.ts';
import { objectStorage } from './object-storage.ts';

const NODE = 'clickhouse-01';

let home: string;
let runtime: Runtime;
let deployment: Deployment;
let secrets: Secrets;
let cluster: Cluster;
let node: NodeClient;
let bucket: Bucket;
let contract: Contract;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-objects-'));
  runtime = nativeRuntime({ home, name: 'objects' });
  deployment = await runtime.up({
    ...{ without: ['airflow'], shards: 1, replicas: 1, replication: 'distributed-writes' },
    storage: 's3_ssd',
  });
  secrets = await readSecrets(deployment.secretsFile);
  const { super_user_name: user, super_user_password: password } = secrets;
  cluster = connectCluster(deployment, { user, password });
  node = cluster.node(NODE);
  contract = await readContract(CONTRACT_FILE);
  const { user: accessKey, ...place } = deployment.storage!;
  bucket = openBucket({ ...place, accessKey, secretKey: secrets.minio_root_password });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
});

const contextOf = (...tables: readonly string[]): ClusterContext => ({
  ...{ deployment, cluster, secrets, parameters: {} },
  contract: {
    ...contract,
    tables: tables.map((name) => ({
      ...{ kind: 'local', name, columns: {}, exactColumns: false, rules: [] },
    })),
  },
});

const judge = async (...tables: readonly string[]) =>
  (await runCheck(objectStorage, contextOf(...tables))).findings.map(
    ({ status, subject, observed }) => ({ status, subject, observed }),
  );

/** Makes a table of that engine in the bucket, with rows of which each ten are a partition. */
async function fill(name: string, rows: number, settings = ''): Promise<void> {
  await node.command(
    `CREATE TABLE otus_default.${name} (id UInt64, v String, PROJECTION by_v (SELECT v, count() GROUP BY v))
     ENGINE = MergeTree ORDER BY id PARTITION BY intDiv(id, 10) ${settings}`,
  );
  if (rows === 0) return;
  await node.command(
    `INSERT INTO otus_default.${name} SELECT number, toString(number) FROM numbers(${rows})`,
  );
}

/** An object of a table's part, with its length. */
async function objectOf(table: string) {
  const [row] = await node.query(
    `SELECT remote_path AS object, size FROM system.remote_data_paths
     WHERE local_path LIKE '%/data.bin' AND local_path NOT LIKE '%.proj/%' AND disk_name = 's3_cache' AND position(local_path,
       (SELECT toString(uuid) FROM system.tables WHERE database = 'otus_default' AND name = '${table}')) > 0
     LIMIT 1`,
    z.object({ object: z.string(), size: z.coerce.number() }),
  );
  return row!;
}

test('tables in the bucket pass: filled, empty, with a part that was set aside', async () => {
  await fill('filled', 30);
  await fill('empty', 0);
  await fill('detached', 30);
  await node.command('ALTER TABLE otus_default.detached DETACH PARTITION 1');
  const [filled, empty, detached] = await judge('filled', 'empty', 'detached');
  expect(filled).toMatchObject({ status: 'passed', subject: 'filled' });
  const [, asked = '', of] =
    /^(\d+) of (\d+) objects of 3 parts/.exec(filled?.observed ?? '') ?? [];
  expect(asked).toBe(of);
  expect(Number(asked)).toBeGreaterThan(20);
  expect(empty).toMatchObject({ status: 'passed', observed: 'no active parts' });
  expect(detached?.status).toBe('passed');
  expect(detached?.observed).toMatch(/of 2 parts are there$/);
});

test('an object that was deleted from the bucket fails, and so does one that was cut short', async () => {
  await fill('damaged', 20);
  const { object, size } = await objectOf('damaged');
  await bucket.remove(object);
  // What the node has kept of the object on its own disk hides that it is gone.
  const { findings } = await runCheck(objectStorage, contextOf('damaged'));
  expect(findings).toMatchObject([{ status: 'failed', subject: 'damaged', node: NODE }]);
  expect(findings[0]?.observed).toContain(object);
  expect(findings[0]?.evidence?.[0]?.rows).toMatchObject([
    [expect.stringMatching(/^\d_\d_\d_0$/), object, size, 'missing'],
  ]);
  await bucket.write(object, 'short');
  const again = await runCheck(objectStorage, contextOf('damaged'));
  expect(again.status).toBe('failed');
  expect(again.findings[0]?.evidence?.[0]?.rows[0]?.at(-1)).toBe(5);
});

test('objects that went with their part while they were asked for are no damage', async () => {
  await fill('dropped', 20);
  const context = repairedAfter(contextOf('dropped'), NODE, /FROM system\.remote_data_paths/, () =>
    node.command('DROP TABLE otus_default.dropped SYNC'),
  );
  const { status, findings } = await runCheck(objectStorage, context);
  expect(status).toBe('passed');
  expect(findings[0]?.observed).toMatch(
    /^0 of (\d+) objects of 2 parts are there; \1 went with their part meanwhile$/,
  );
});

test('of many objects some are asked for, and the rest is said to be left out', async () => {
  await fill('many', 800, 'SETTINGS max_partitions_to_read = -1');
  const [finding] = await judge('many');
  expect(finding?.status).toBe('passed');
  expect(finding?.observed).toMatch(
    /^500 of \d+ objects of 80 parts are there; \d+ were left out$/,
  );
});

test('a table on local disks passes, and one with parts on both kinds is judged by its objects', async () => {
  const file = join(runtime.directory, 'config', NODE, 'config.xml');
  const text = await readFile(file, 'utf8');
  const policy =
    '<both><volumes><hot><disk>default</disk></hot><cold><disk>s3_cache</disk></cold></volumes></both>';
  await writeFile(file, text.replace('<policies>', `<policies>${policy}`));
  await runtime.stop(NODE);
  await runtime.start(NODE);
  await fill('local', 10, "SETTINGS storage_policy = 'default'");
  await fill('mixed', 30, "SETTINGS storage_policy = 'both'");
  await node.command("ALTER TABLE otus_default.mixed MOVE PARTITION 2 TO DISK 's3_cache'");
  const [local, mixed] = await judge('local', 'mixed');
  expect(local).toMatchObject({ status: 'passed', observed: '1 parts on local disks' });
  expect(mixed?.status).toBe('passed');
  expect(mixed?.observed).toMatch(/objects of 1 parts are there$/);
});

test('without a bucket, without its key and without an answer nothing is proven', async () => {
  const context = contextOf('filled');
  const { storage: _, ...bare } = deployment;
  const statusOf = async (more: Partial<ClusterContext>) => {
    const { findings } = await runCheck(objectStorage, { ...context, ...more });
    return findings.map(({ status, reason, observed }) => [status, reason ?? observed]);
  };
  expect(await statusOf({ deployment: bare })).toEqual([
    ['skipped', 'The deployment names no bucket (`storage`).'],
  ]);
  expect(await statusOf({ secrets: {} })).toEqual([
    ['skipped', 'The secrets have no minio_root_password, the key of the bucket.'],
  ]);
  await runtime.kill('storage');
  const { status, findings } = await runCheck(objectStorage, context);
  expect(status).toBe('inconclusive');
  expect(findings[0]?.observed).toContain('does not answer');
});
