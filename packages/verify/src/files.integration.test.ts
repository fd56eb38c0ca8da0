import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime, openBucket, type Bucket, type Deployment } from '@provehouse/infra';
import { connectAirflow, type AirflowClient } from '@provehouse/infra/airflow';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { CONTRACT_FILE } from '../test/test-cluster.ts';
import type { ObservedRun } from './airflow/observed-run.ts';
import { runPipeline, triggerPipeline } from './airflow/run-pipeline.ts';
import { runCheck } from './check-run.ts';
import type { Check, PlatformContext } from './check.ts';
import { connections } from './checks/connections.ts';
import { distributedCount } from './checks/distributed-count.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { runOutcome } from './checks/run-outcome.ts';
import { secretLeaks } from './checks/secret-leaks.ts';
import { tableDefinition } from './checks/table-definition.ts';
import { valueRules } from './checks/value-rules.ts';
import type { Cluster } from './clickhouse/cluster.ts';
import { connectCluster } from './clickhouse/connect-cluster.ts';
import type { Contract } from './contract/contract.ts';
import { readContract } from './contract/read-contract.ts';

const ETL = join(CONTRACT_FILE, '../..');
const DAG_FILE = 'files_from_bucket.py';
const TABLE = 'otus_default.files_from_bucket';
const LEDGER = `${TABLE}_ledger`;
const LANDING = 'files_from_bucket/landing';
const NODE = 'clickhouse-01';
// Six files of it are enough for a node to be killed between two of them.
const [SOME, MORE] = [1200, 120_000];

const home = await mkdtemp(join(tmpdir(), 'provehouse-files-'));
const runtime = nativeRuntime({ home, name: 'files' });
let deployment: Deployment;
let secrets: Secrets;
let airflow: AirflowClient;
let bucket: Bucket;
let cluster: Cluster;
let contract: Contract;
let pipeline: NonNullable<Contract['pipeline']>;
/** A run after which all is as the contract says. */
let sound: ObservedRun;
beforeAll(async () => {
  const dagsFolder = join(home, 'dags');
  await mkdir(dagsFolder);
  await cp(join(ETL, 'dags', DAG_FILE), join(dagsFolder, DAG_FILE));
  deployment = await runtime.up({
    ...{ shards: 1, replicas: 1, replication: 'distributed-writes', with: ['storage'], dagsFolder },
  });
  secrets = await readSecrets(deployment.secretsFile);
  airflow = connectAirflow(deployment, secrets);
  const { storage } = deployment;
  if (storage === undefined) throw new TypeError('the platform has no bucket');
  bucket = openBucket({
    ...storage,
    ...{ accessKey: secrets.minio_root_user, secretKey: secrets.minio_root_password },
  });
  cluster = connectCluster(deployment, {
    ...{ user: secrets.super_user_name, password: secrets.super_user_password },
  });
  const file = join(ETL, 'contracts/files_from_bucket.yaml');
  contract = await readContract(file);
  if (contract.pipeline === undefined) throw new TypeError(`${file} has no pipeline`);
  pipeline = contract.pipeline;
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
});

const command = (sql: string): Promise<unknown> =>
  cluster.nodes[0]?.command(sql) ?? Promise.reject();
const read = async <Row extends z.ZodType>(sql: string, row: Row): Promise<z.infer<Row>[]> =>
  (await cluster.nodes[0]?.query(sql, row)) ?? [];

const content = (): Promise<unknown> =>
  read(
    `SELECT count() AS n, toString(sum(cityHash64(*))) AS content FROM ${TABLE}_local`,
    z.object({ n: z.coerce.number(), content: z.string() }),
  );

const entrySchema = z.object({
  name: z.string(),
  state: z.string(),
  n: z.coerce.number(),
  extra: z.string(),
  reason: z.string(),
});
const entries = (): Promise<z.infer<typeof entrySchema>[]> =>
  read(
    `SELECT splitByChar('/', key)[-1] AS name, state, row_count AS n, extra_columns AS extra, reason
     FROM ${LEDGER} FINAL ORDER BY key`,
    entrySchema,
  );

const contextOf = (run: ObservedRun): PlatformContext => ({
  ...{ deployment, secrets, airflow, cluster, run, parameters: run.parameters },
  contract: { ...contract, replicas: { settleSeconds: 0 } },
});

/** What a check finds wrong. */
async function failures(check: Check, run: ObservedRun): Promise<string[]> {
  const { findings } = await runCheck<PlatformContext>(check, contextOf(run));
  const bad = findings.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  return bad.map(({ subject, observed }) => `${subject}: ${observed}`);
}

const taskOf = ({ tasks }: ObservedRun, task: string): ObservedRun['tasks'][number] | undefined =>
  tasks.find(({ taskId }) => taskId === task);

const LEDGER_AND_BUCKET = expect.stringMatching(/^files_from_bucket_ledger_local, equal: /);
const LEDGER_AND_TABLE = expect.stringMatching(/^files_from_bucket_local, equal: /);

test('a run waits for its files, goes on without the late ones, and loads no broken one', async () => {
  const conf = { rows: SOME, late_files: 1, wait_seconds: 5 };
  const run = await runPipeline(airflow, pipeline, conf);
  expect({ state: run.state, ...run.statistics }).toMatchObject({
    ...{ state: 'success', total: 1000, late: 2, loaded: 5, duplicates: 0, quarantined: 1 },
  });
  expect(taskOf(run, 'wait_for_files')?.log).toContain(
    `${LANDING}/seed-16/products-0000000001-0000000200.parquet has not come in time`,
  );
  expect(await entries()).toEqual([
    entry('products-0000000201-0000000400.csv', { n: 200, extra: 'coupon' }),
    {
      ...entry('products-0000000401-0000000600-cut-off.jsonl', { n: 0 }),
      ...{ state: 'quarantined', reason: 'Its last line has no end: it may have been cut off.' },
    },
    entry('products-0000000401-0000000600.jsonl', { n: 200 }),
    entry('products-0000000601-0000000800.parquet', { n: 200 }),
    entry('products-0000000801-0000001000.csv', { n: 200 }),
    entry('products-0000001001-0000001200.jsonl', { n: 200 }),
  ]);
});

const entry = (name: string, { n, extra = '' }: { n: number; extra?: string }) => ({
  ...{ name, state: 'loaded', n, extra, reason: '' },
});

test('the next run finds what came late, and outlasts a node that is killed while it loads', async () => {
  const before = (await entries()).length;
  const run = await triggerPipeline(airflow, pipeline, { rows: MORE });
  await expect
    .poll(async () => (await entries()).length, { timeout: 240_000, interval: 20 })
    .toBeGreaterThan(before + 1);
  await runtime.kill(NODE);
  await runtime.start(NODE);
  const observed = await runPipeline(airflow, pipeline, {}, { run });
  expect({ state: observed.state, ...observed.statistics }).toMatchObject({
    ...{ state: 'success', total: MORE, late: 0, unread: 0 },
  });
  expect(await entries()).toContainEqual({
    ...entry('products-0000000001-0000000200.parquet', { n: 0 }),
    state: 'duplicate',
    reason: `It has the same content as ${LANDING}/seed-16/products-0000000001-0000000200-again.parquet.`,
  });
});

test('a second run adds nothing, and all is as the contract says', async () => {
  const before = await content();
  sound = await runPipeline(airflow, pipeline, { rows: MORE });
  const { state, statistics } = sound;
  expect({ state, ...statistics }).toMatchObject({ state: 'success', new_files: 0 });
  expect(await content()).toEqual(before);
  for (const check of [runOutcome, connections, tableDefinition, secretLeaks]) {
    expect(await failures(check, sound)).toEqual([]);
  }
  for (const check of [reconciliation, valueRules, distributedCount]) {
    expect(await failures(check, sound)).toEqual([]);
  }
});

test('a file that is gone, an entry that is gone and rows that are doubled are found', async () => {
  const before = await content();
  const gone = `${LANDING}/seed-16/products-0000000401-0000000600.jsonl`;
  const file = new Uint8Array(await bucket.read(gone));
  await bucket.remove(gone);
  expect(await failures(valueRules, sound)).toEqual([LEDGER_AND_BUCKET]);
  await bucket.write(gone, file);
  expect(await failures(valueRules, sound)).toEqual([]);

  // Nothing merges the doubles away while they are looked at.
  await command(`SYSTEM STOP MERGES ${TABLE}_local`);
  await command(
    `INSERT INTO ${TABLE}_local SELECT * FROM ${TABLE}_local WHERE id BETWEEN 601 AND 610`,
  );
  expect(await failures(valueRules, sound)).toEqual([LEDGER_AND_TABLE]);
  expect(await failures(reconciliation, sound)).toContainEqual(
    expect.stringMatching(/^total: 120010 rows/),
  );
  await command(`SYSTEM START MERGES ${TABLE}_local`);

  await command(`DELETE FROM ${LEDGER}_local WHERE key = '${gone}'`);
  expect(await failures(valueRules, sound)).toContainEqual(LEDGER_AND_BUCKET);
  expect(await failures(distributedCount, sound)).not.toEqual([]);

  // The file is loaded once more, as after an attempt that was cut off before its entry.
  const repaired = await runPipeline(airflow, pipeline, { rows: MORE });
  expect({ state: repaired.state, ...repaired.statistics }).toMatchObject({
    ...{ state: 'success', new_files: 1 },
  });
  expect(await content()).toEqual(before);
  expect(await failures(valueRules, repaired)).toEqual([]);
});

test('files of others are loaded or quarantined with the reason, and the rest flows on', async () => {
  const heading = 'id,name,category,price,created_at\n';
  const row = 'Books,12.50,2025-05-01T00:00:00Z';
  const foreign: Record<string, string> = {
    // Two rows that are alike are two rows.
    'alike.csv': `${heading}900001,One,${row}\n900001,One,${row}\n`,
    'empty.csv': heading,
    'nothing.csv': '',
    'no-price.csv': `id,name,category,created_at\n1,One,Books,2025-05-01\n`,
    'odd name.csv': `${heading}900002,Two,${row}\n`,
    'text.jsonl': 'no line of JSON\n',
    'too-dear.jsonl': `{"id":900003,"name":"Three","category":"Books","price":"1000.01","created_at":"2025-05-01"}\n`,
    'short.parquet': 'PAR1',
  };
  for (const [name, text] of Object.entries(foreign)) {
    await bucket.write(`${LANDING}/others/${name}`, text);
  }
  const run = await runPipeline(airflow, pipeline, { rows: MORE });
  expect({ state: run.state, ...run.statistics }).toMatchObject({
    ...{ state: 'success', total: MORE + 2, new_files: 8 },
  });
  const found = (await entries()).filter(({ name }) => name in foreign);
  expect(
    Object.fromEntries(found.map(({ name, state, reason }) => [name, state + reason])),
  ).toEqual({
    'alike.csv': 'loaded',
    'empty.csv': 'quarantinedCannot read rows from the data.',
    'no-price.csv': 'quarantinedIt has no column price.',
    'odd name.csv': "quarantinedIts name has ' '; expected letters, digits, and . _ - = / alone.",
    'text.jsonl': expect.stringMatching(/^quarantinedCannot parse input: /),
    'too-dear.jsonl': 'quarantined1 of 1 rows are no products; the first is row 1.',
    'nothing.csv': 'quarantinedIt is empty.',
    'short.parquet': 'quarantinedParquet file too short: 4 bytes.',
  });
});

test('a file that takes the place of a loaded one is not loaded, and is named', async () => {
  const key = `${LANDING}/others/alike.csv`;
  await bucket.write(
    key,
    'id,name,category,price,created_at\n900009,Nine,Books,12.50,2025-05-01\n',
  );
  const run = await runPipeline(airflow, pipeline, { rows: MORE });
  expect(run.state).toBe('failed');
  expect(taskOf(run, 'validate_files')?.tryNumber).toBe(1);
  expect(taskOf(run, 'validate_files')?.log).toContain(`found ${key} with `);
});

test('keys that are refused fail the run, and are in no log', async () => {
  const wrong = 'a-key-that-nobody-has';
  const { storage } = deployment;
  const connection = { connection_id: 'storage_default', conn_type: 'aws', login: storage?.user };
  const extra = {
    ...{ endpoint_url: storage?.endpoint, region_name: storage?.region },
    service_config: { s3: { bucket_name: storage?.bucket } },
  };
  await airflow.putConnection({ ...connection, password: wrong, extra: JSON.stringify(extra) });
  const run = await runPipeline(airflow, pipeline, { rows: MORE });
  expect(run.state).toBe('failed');
  expect(taskOf(run, 'plan_files')?.tryNumber).toBe(1);
  expect(taskOf(run, 'plan_files')?.log).toContain('expected the bucket to take the keys');
  expect(run.tasks.map(({ log }) => log).join()).not.toContain(wrong);

  const elsewhere = { ...extra, endpoint_url: 'http://127.0.0.1:9' };
  await airflow.putConnection({ ...connection, password: wrong, extra: JSON.stringify(elsewhere) });
  expect(await failures(connections, run)).toEqual([
    expect.stringMatching(/^storage_default: .*127\.0\.0\.1:9,/),
  ]);
});
