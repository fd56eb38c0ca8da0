import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { connectAirflow, type AirflowClient } from '@provehouse/infra/airflow';
import { readSecrets, rotateSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { makeTopic, sendMessage, tasksConfig } from '../test/kafka-topic.ts';
import { CONTRACT_FILE } from '../test/test-cluster.ts';
import { runPipeline, triggerPipeline } from './airflow/run-pipeline.ts';
import { runCheck } from './check-run.ts';
import type { PlatformContext } from './check.ts';
import { connections } from './checks/connections.ts';
import { placement } from './checks/placement.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { runOutcome } from './checks/run-outcome.ts';
import { tableDefinition } from './checks/table-definition.ts';
import { valueRules } from './checks/value-rules.ts';
import type { Cluster } from './clickhouse/cluster.ts';
import { connectCluster } from './clickhouse/connect-cluster.ts';
import type { Contract } from './contract/contract.ts';
import { readContract } from './contract/read-contract.ts';

const SIZE = { shards: 1, replicas: 1, replication: 'distributed-writes' } as const;
const MESSAGES = 1000;
/** Enough that the broker can be killed while they are sent. */
const MANY = 400_000;
const EVENTS = join(CONTRACT_FILE, '../events_stream.yaml');
type Pipeline = NonNullable<Contract['pipeline']>;
const MEGABYTE = 1024 ** 2;

let home: string;
let runtime: Runtime;
let deployment: Deployment;
let secrets: Secrets;
let airflow: AirflowClient;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-kafka-'));
  runtime = nativeRuntime({ home, name: 'kafka' });
  deployment = await runtime.up({ ...SIZE, with: ['kafka'] });
  secrets = await readSecrets(deployment.secretsFile);
  airflow = connectAirflow(deployment, secrets);
});
afterAll(async () => {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
});

const openCluster = (): Cluster =>
  connectCluster(deployment, {
    user: secrets.super_user_name,
    password: secrets.super_user_password,
  });

function brokerConfig(): Readonly<Record<string, string>> {
  if (deployment.kafka === undefined) throw new TypeError('there is no broker');
  return tasksConfig(deployment.kafka, secrets.kafka_password ?? '');
}

async function readPipeline(file: string): Promise<Contract & { pipeline: Pipeline }> {
  const contract = await readContract(file);
  if (contract.pipeline === undefined) throw new TypeError(`${file} has no pipeline`);
  return { ...contract, pipeline: contract.pipeline };
}

const countOf = async ({ nodes: [node] }: Cluster, table: string): Promise<number | undefined> =>
  (
    await node?.query(`SELECT count() AS rows FROM ${table}`, z.object({ rows: z.coerce.number() }))
  )?.at(0)?.rows;

const read = async ({ nodes: [node] }: Cluster, sql: string): Promise<unknown[]> =>
  (await node?.query(sql, z.record(z.string(), z.unknown()))) ?? [];

/** Reads a topic, from its beginning, into a table of that name. */
async function readTopic({ nodes: [node] }: Cluster, table: string): Promise<void> {
  await node?.command(`CREATE TABLE ${table} (id UInt64) ENGINE = MergeTree ORDER BY id`);
  await node?.command(
    `CREATE TABLE ${table}_queue (id UInt64) ENGINE = Kafka(platform_kafka) SETTINGS
      kafka_topic_list = 'numbers', kafka_group_name = '${table}', kafka_format = 'JSONEachRow',
      kafka_flush_interval_ms = 500`,
  );
  await node?.command(
    `CREATE MATERIALIZED VIEW ${table}_view TO ${table} AS SELECT id FROM ${table}_queue`,
  );
}

const write = async ({ nodes: [node] }: Cluster, table: string, from: number): Promise<void> =>
  node?.command(
    `INSERT INTO ${table}_queue SELECT number FROM numbers(${from}, ${MESSAGES}) SETTINGS stream_like_engine_allow_direct_select = 1`,
  );

test('the broker is a part of the platform, within its memory', async () => {
  const { port = 0 } = deployment.kafka ?? {};
  expect(deployment.kafka).toEqual({ host: '127.0.0.1', port, user: 'etl' });
  const broker = (await runtime.status()).find(({ name }) => name === 'kafka');
  expect(broker).toMatchObject({ kind: 'kafka', state: 'ready', address: `127.0.0.1:${port}` });
  expect(broker?.memoryBytes).toBeLessThan(350 * MEGABYTE);
});

test("kafka_default leads to it, as Airflow's own hook finds, and not when it is damaged", async () => {
  const contract = await readPipeline(EVENTS);
  await using cluster = openCluster();
  const run = await runPipeline(airflow, contract.pipeline);
  const { parameters } = run;
  const context = { ...{ deployment, contract, cluster, secrets, airflow, run }, parameters };
  for (const check of [runOutcome, reconciliation, valueRules, tableDefinition, placement]) {
    const { status, findings } = await runCheck<PlatformContext>(check, context);
    expect(status, JSON.stringify(findings)).toBe('passed');
  }
  const outcome = async (): Promise<string[]> => {
    const { findings } = await runCheck(connections, context);
    return findings
      .filter(({ subject }) => subject?.startsWith('kafka_default'))
      .map(({ subject, status }) => `${subject}: ${status}`);
  };
  const [connection, hook] = ['kafka_default', 'kafka_default, tried by its hook'];
  expect(await outcome()).toEqual([`${connection}: passed`, `${hook}: passed`]);

  await runtime.kill('kafka');
  expect(await outcome()).toEqual([`${connection}: passed`, `${hook}: failed`]);
  await runtime.start('kafka');
  expect(await outcome()).toEqual([`${connection}: passed`, `${hook}: passed`]);

  const fields = { connection_id: connection, conn_type: 'kafka' };
  const { 'sasl.username': _, ...without } = brokerConfig();
  await airflow.putConnection({ ...fields, extra: JSON.stringify(without) });
  expect(await outcome()).toEqual([`${connection}: failed`, `${hook}: failed`]);
  await airflow.putConnection({ ...fields, extra: JSON.stringify(brokerConfig()) });
});

test('events_stream: a broker that is killed and a message that is no event leave each event once', async () => {
  const { pipeline } = await readPipeline(EVENTS);
  await sendMessage(brokerConfig(), 'events_stream', 'no event');
  const run = await triggerPipeline(airflow, pipeline, { rows: MANY });
  const taskState = async (): Promise<string | undefined> =>
    (await airflow.taskInstances(run.dagId, run.runId)).find(
      ({ taskId }) => taskId === 'produce_events',
    )?.state;
  await expect.poll(taskState, { interval: 50 }).toBe('running');
  await runtime.kill('kafka');
  expect(await taskState()).toBe('running');
  await runtime.start('kafka');
  const { state, statistics } = await runPipeline(airflow, pipeline, {}, { run });
  expect({ state, ...statistics }).toMatchObject({
    ...{ state: 'success', rows: MANY, total: MANY, dead_letters: 1, lag: 0 },
  });
  await using cluster = openCluster();
  const [letter] = await read(
    cluster,
    'SELECT message, reason FROM otus_default.events_stream_dead_letters',
  );
  expect(letter).toEqual({ message: 'no event', reason: expect.stringContaining('Cannot parse') });
});

test('events_stream fails when a message is no row, and names its partition', async () => {
  const { pipeline } = await readPipeline(EVENTS);
  await using cluster = openCluster();
  const [node] = cluster.nodes;
  await node?.command(`DELETE FROM otus_default.events_stream_local WHERE id = 7`);
  const run = await runPipeline(airflow, pipeline, { rows: MANY });
  expect(run.state).toBe('failed');
  expect(run.tasks.find(({ taskId }) => taskId === 'validate_events')?.log).toMatch(
    /Partition 2: expected each offset from 0 to \d+ once, found/,
  );
});

test('a node reads a topic, also what is written after the broker was killed', async () => {
  await makeTopic(brokerConfig(), 'numbers');
  await using cluster = openCluster();
  await readTopic(cluster, 'read');
  await write(cluster, 'read', 0);
  await expect.poll(() => countOf(cluster, 'read')).toBe(MESSAGES);
  await runtime.kill('kafka');
  await runtime.start('kafka');
  await write(cluster, 'read', MESSAGES);
  await expect.poll(() => countOf(cluster, 'read')).toBe(2 * MESSAGES);
});

test('it is remembered with its messages, on another port, with other passwords', async () => {
  await expect(runtime.up({ with: [] })).rejects.toThrow(
    'The platform runs with modules kafka, not none. Run infra:down first.',
  );
  const before = deployment.kafka?.port ?? 0;
  await runtime.down();
  const passwords = [
    'kafka_password',
    'kafka_broker_password',
    'kafka_clickhouse_password',
  ] as const;
  secrets = rotateSecrets(secrets, passwords);
  await writeSecrets(deployment.secretsFile, secrets, { force: true });
  const ports = { kafka: before + 100, 'kafka-controller': before + 101 };
  deployment = await runtime.up({ without: ['airflow'], ports });
  expect(deployment.kafka).toEqual({ host: '127.0.0.1', port: before + 100, user: 'etl' });
  await using cluster = openCluster();
  await makeTopic(brokerConfig(), 'under_the_new_password');
  await readTopic(cluster, 'read_again');
  await expect.poll(() => countOf(cluster, 'read_again')).toBe(2 * MESSAGES);
});
