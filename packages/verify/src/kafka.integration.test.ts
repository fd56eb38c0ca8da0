import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheFolder,
  connectTopics,
  findMonitoring,
  nativeRuntime,
  PrometheusClient,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
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
/** Enough that the broker can be killed while they are sent. */
const MANY = 60_000;
const EVENTS = join(CONTRACT_FILE, '../events_stream.yaml');
type Pipeline = NonNullable<Contract['pipeline']>;
const MEGABYTE = 1024 ** 2;

const prometheus = await findMonitoring({
  ...{ environment: process.env, cache: cacheFolder(process.env) },
});

/** The broker, and whoever scrapes it. */
const MODULES = ['kafka', ...(prometheus ? (['monitoring'] as const) : [])] as const;

let home: string;
let runtime: Runtime;
let deployment: Deployment;
let secrets: Secrets;
let airflow: AirflowClient;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-kafka-'));
  runtime = nativeRuntime({ home, name: 'kafka' });
  deployment = await runtime.up({ ...SIZE, with: MODULES });
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

const read = async ({ nodes: [node] }: Cluster, sql: string): Promise<unknown[]> =>
  (await node?.query(sql, z.record(z.string(), z.unknown()))) ?? [];

/** Reads the events' topic, from its beginning, into the table `read_again`; what is no event is a row, too. */
async function readAgain({ nodes: [node] }: Cluster): Promise<void> {
  await node?.command('CREATE TABLE read_again (id UInt64) ENGINE = MergeTree ORDER BY id');
  await node?.command(
    `CREATE TABLE read_again_queue (id UInt64) ENGINE = Kafka(platform_kafka) SETTINGS
      kafka_topic_list = 'events_stream', kafka_group_name = 'read_again',
      kafka_format = 'JSONEachRow', kafka_handle_error_mode = 'stream',
      kafka_flush_interval_ms = 500, input_format_skip_unknown_fields = 1`,
  );
  await node?.command(
    'CREATE MATERIALIZED VIEW read_again_view TO read_again AS SELECT id FROM read_again_queue',
  );
}

test('the broker is a part of the platform, within its memory', async () => {
  const { port = 0 } = deployment.kafka ?? {};
  expect(deployment.kafka).toEqual({ host: '127.0.0.1', port, user: 'etl' });
  const broker = (await runtime.status()).find(({ name }) => name === 'kafka');
  expect(broker).toMatchObject({ kind: 'kafka', state: 'ready', address: `127.0.0.1:${port}` });
  expect(broker?.memoryBytes).toBeLessThan(350 * MEGABYTE);
});

test("kafka_default leads to it, as Airflow's own hook finds, and not while it is down", async () => {
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
  // What a broker that is killed cannot remove is the platform's.
  expect(await readdir(join(runtime.directory, 'data/kafka-temporary'))).not.toEqual([]);
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
  expect(letter).toEqual({ message: 'no event', reason: 'It is not one object of JSON.' });
});

test.skipIf(prometheus === undefined)(
  'Prometheus has what the broker says of each topic (skipped without Prometheus)',
  async () => {
    const topic = 'events_stream';
    const { monitoring: { url } = expect.fail('no Prometheus') } = deployment;
    const client = new PrometheusClient(url);
    const offsets = await connectTopics(deployment, secrets).offsets(topic, 'nobody');
    const ends = offsets.map(({ partition, end }) => [String(partition), end]);
    expect(ends).toHaveLength(4);
    const scraped = async () =>
      (await client.query(`kafka_log_end_offset{topic="${topic}"}`))
        .map(({ labels, value }) => [labels['partition'], value])
        .sort();
    await expect.poll(scraped).toEqual(ends);
    const figure = async (query: string) => (await client.query(query)).map(({ value }) => value);
    for (const [query, value] of [
      ['kafka_active_controllers', 1],
      ['kafka_offline_partitions', 0],
      ['kafka_under_replicated_partitions', 0],
      [`kafka_topic_messages_in_total{topic="${topic}"} > bool 0`, 1],
      [`kafka_topic_bytes_in_total{topic="${topic}"} > bool 0`, 1],
      [`sum(kafka_log_size_bytes{topic="${topic}"}) > bool 0`, 1],
    ] as const) {
      expect([query, await figure(query)]).toEqual([query, [value]]);
    }
  },
);

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

test('it is remembered with its messages, on another port, with other passwords', async () => {
  await expect(runtime.up({ with: [] })).rejects.toThrow(
    `The platform runs with modules ${MODULES.join(', ')}, not none. Run infra:down first.`,
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
  await readAgain(cluster);
  await expect
    .poll(() => read(cluster, 'SELECT toUInt32(count()) AS rows FROM read_again'))
    .toEqual([{ rows: MANY + 1 }]);
});

test('when it is left out, nodes with tables that read from it start all the same', async () => {
  await runtime.down();
  deployment = await runtime.up({ without: ['airflow'], with: [] });
  expect(deployment.kafka).toBeUndefined();
  await using cluster = openCluster();
  const sql = `SELECT name FROM system.tables WHERE engine = 'Kafka' AND name = 'events_stream_queue'`;
  expect(await read(cluster, sql)).toEqual([{ name: 'events_stream_queue' }]);
});
