import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startApiPlatform, type ApiPlatform } from '../test/api-platform.ts';
import { CONTRACT_FILE } from '../test/test-cluster.ts';
import type { ObservedRun } from './airflow/observed-run.ts';
import { runPipeline, triggerPipeline } from './airflow/run-pipeline.ts';
import { runCheck } from './check-run.ts';
import type { Check, PlatformContext } from './check.ts';
import { connections } from './checks/connections.ts';
import { distributedCount } from './checks/distributed-count.ts';
import { placement } from './checks/placement.ts';
import { reconciliation } from './checks/reconciliation.ts';
import { runOutcome } from './checks/run-outcome.ts';
import { tableDefinition } from './checks/table-definition.ts';
import { valueRules } from './checks/value-rules.ts';
import type { Cluster } from './clickhouse/cluster.ts';
import { connectCluster } from './clickhouse/connect-cluster.ts';
import type { Contract } from './contract/contract.ts';
import { readContract } from './contract/read-contract.ts';
import { runEndToEnd } from './e2e-run.ts';
import { readTarget } from './target.ts';

const CONTRACTS = join(CONTRACT_FILE, '..');
const PRODUCTS = join(CONTRACTS, 'products_from_api.yaml');
const TABLE = 'otus_default.products_from_api';
const PER_HOUR = 100;

type Pipeline = NonNullable<Contract['pipeline']>;

let platform: ApiPlatform;
let cluster: Cluster;
let contract: Contract;
let pipeline: Pipeline;
beforeAll(async () => {
  platform = await startApiPlatform();
  const { deployment, secrets } = platform;
  cluster = connectCluster(deployment, {
    ...{ user: secrets.super_user_name, password: secrets.super_user_password },
  });
  contract = await readContract(PRODUCTS);
  if (contract.pipeline === undefined) throw new TypeError(`${PRODUCTS} has no pipeline`);
  pipeline = contract.pipeline;
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await platform[Symbol.asyncDispose]();
});

const command = (sql: string): Promise<unknown> =>
  cluster.nodes[0]?.command(sql) ?? Promise.reject();
const read = async <Row extends z.ZodType>(sql: string, row: Row): Promise<z.infer<Row>[]> =>
  (await cluster.nodes[0]?.query(sql, row)) ?? [];

const contentRow = z.object({ rows: z.coerce.number(), content: z.string() });
const content = async (): Promise<unknown> =>
  read(
    `SELECT count() AS rows, toString(sum(cityHash64(*))) AS content FROM ${TABLE}_local`,
    contentRow,
  );

const runUntil = (hour: number): Promise<ObservedRun> =>
  runPipeline(platform.airflow, pipeline, { until: platform.hour(hour) });

const contextOf = (run: ObservedRun): PlatformContext => {
  const { deployment, secrets, airflow } = platform;
  return {
    ...{ deployment, secrets, airflow, cluster, run, parameters: run.parameters },
    contract: { ...contract, replicas: { settleSeconds: 0 } },
  };
};

/** What a check finds wrong. */
async function failures(check: Check, run: ObservedRun): Promise<string[]> {
  const { findings } = await runCheck<PlatformContext>(check, contextOf(run));
  const bad = findings.filter(({ status }) => status === 'failed' || status === 'inconclusive');
  return bad.map(({ subject, observed }) => `${subject}: ${observed}`);
}

const logOf = ({ tasks }: ObservedRun, task: string): string =>
  tasks.find(({ taskId }) => taskId === task)?.log ?? '';

test('the API is a part of the platform, and answers nobody without the token', async () => {
  const { port = 0 } = platform.deployment.api ?? {};
  expect(platform.deployment.api).toEqual({ host: '127.0.0.1', port });
  const api = (await platform.runtime.status()).find(({ name }) => name === 'api');
  expect(api).toMatchObject({ kind: 'api', state: 'ready', address: `127.0.0.1:${port}` });
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(401);
});

test('a pipeline is not triggered on a platform that lacks its module, and it is said how to get that', async () => {
  const { home, name } = platform;
  const options = { home, name, contract: join(CONTRACTS, 'events_stream.yaml') };
  const target = await readTarget(options);
  const listener = { onVerdict: () => undefined, tell: () => undefined };
  await expect(runEndToEnd(options, target, platform.airflow, listener)).rejects.toThrow(
    /^events_stream cannot run here\. Expected a platform with kafka, found one without\. .*--with kafka/,
  );
});

test('a first run reads everything up to its hour, through the faults of the API', async () => {
  const { state, statistics } = await runUntil(30);
  expect({ state, ...statistics }).toMatchObject({ state: 'success', rows: 30 * PER_HOUR });
});

test('the same window again leaves the same rows', async () => {
  const before = await content();
  const { state, statistics } = await runUntil(30);
  expect({ state, ...statistics }).toMatchObject({ state: 'success', inserted: 0 });
  expect(await content()).toEqual(before);
});

test('corrections that come after their window was read are loaded', async () => {
  const before = `updated_at < parseDateTimeBestEffort('${platform.hour(30)}')`;
  const versionRow = z.object({ id: z.number(), version: z.number() });
  const versions = async (): Promise<Map<number, number>> => {
    const rows = await read(`SELECT id, version FROM ${TABLE} WHERE ${before}`, versionRow);
    return new Map(rows.map(({ id, version }) => [id, version]));
  };
  const known = await versions();
  const { state } = await runUntil(33);
  expect(state).toBe('success');
  const corrected = [...(await versions())].filter(
    ([id, version]) => version > (known.get(id) ?? 0),
  );
  expect(corrected.length).toBeGreaterThan(0);
});

test('a backfill of three hours ahead loads these, and the next run leaves no hole', async () => {
  const states = await platform.backfill(pipeline.dag, platform.hour(40), platform.hour(42));
  expect(states).toEqual(['success', 'success', 'success']);
  const hours = await read(
    `SELECT dateDiff('hour', toDateTime('${platform.hour(0).slice(0, 19).replace('T', ' ')}', 'UTC'), window_start) AS hour,
       dateDiff('hour', window_start, window_end) AS long
     FROM ${TABLE}_windows WHERE hour >= 39 ORDER BY hour`,
    z.object({ hour: z.coerce.number(), long: z.coerce.number() }),
  );
  expect(hours).toEqual([39, 40, 41].map((hour) => ({ hour, long: 1 })));
  const { state, statistics } = await runUntil(44);
  expect({ state, ...statistics }).toMatchObject({ state: 'success', rows: 44 * PER_HOUR });
});

test('a run outlasts an API that is down for a while', async () => {
  await platform.runtime.kill('api');
  const run = await triggerPipeline(platform.airflow, pipeline, { until: platform.hour(46) });
  const log = async (): Promise<string> => {
    const instances = await platform.airflow.taskInstances(run.dagId, run.runId);
    const load = instances.find(({ taskId }) => taskId === 'load_changes');
    return load?.startedAt ? platform.airflow.log(run.dagId, run.runId, load) : '';
  };
  await expect.poll(log, { timeout: 60_000 }).toContain('trying again in');
  await platform.runtime.start('api');
  const { state, tasks, statistics } = await runPipeline(platform.airflow, pipeline, {}, { run });
  expect({ state, ...statistics }).toMatchObject({ state: 'success', rows: 46 * PER_HOUR });
  expect(tasks.map(({ tryNumber }) => tryNumber)).toEqual([1, 1, 1]);
});

test('all is as the contract says, up to the last hour; a row that is changed or gone is found', async () => {
  // The last hour that was over when the platform was made.
  const run = await runUntil(48);
  const checks = [runOutcome, connections, tableDefinition, placement];
  const ofRows = [reconciliation, valueRules, distributedCount];
  for (const check of [...checks, ...ofRows]) expect(await failures(check, run)).toEqual([]);

  const rows = await read(
    `SELECT id FROM ${TABLE} WHERE version = 1 ORDER BY id LIMIT 2`,
    z.object({ id: z.number() }),
  );
  const [changed, gone] = rows.map(({ id }) => id);
  await command(
    `ALTER TABLE ${TABLE}_local UPDATE price = price + 1 WHERE id = ${changed} SETTINGS mutations_sync = 2`,
  );
  expect(await failures(reconciliation, run)).toContainEqual(
    expect.stringMatching(/^sum of price by category, as generated: /),
  );
  await command(`DELETE FROM ${TABLE}_local WHERE id = ${gone}`);
  expect(await failures(valueRules, run)).toContainEqual(
    expect.stringMatching(/^products_from_api_local\.id, sequence: /),
  );
  expect(await failures(distributedCount, run)).not.toEqual([]);

  const failed = await runUntil(48);
  expect(failed.state).toBe('failed');
  expect(logOf(failed, 'validate_products')).toContain(
    `${gone} missing; ${changed} with another content`,
  );
  // Both are of the first hour, which a backfill reads again.
  const states = await platform.backfill(pipeline.dag, platform.hour(1), platform.hour(1));
  expect(states).toEqual(Array.from({ length: 4 }, () => 'success'));
  expect(await failures(reconciliation, run)).toEqual([]);
});

test('a wrong token fails at once, and is in no log', async () => {
  const wrong = 'a-token-that-nobody-has';
  const { api } = platform.deployment;
  const connection = { connection_id: 'api_default', conn_type: 'http', schema: 'http', ...api };
  await platform.airflow.putConnection({ ...connection, password: wrong });
  const run = await runPipeline(platform.airflow, pipeline);
  expect(run.state).toBe('failed');
  const load = run.tasks.find(({ taskId }) => taskId === 'load_changes');
  expect(load?.tryNumber).toBe(1);
  expect(load?.log).toContain('expected the API to take its token, found status 401');
  expect(run.tasks.map(({ log }) => log).join()).not.toContain(wrong);

  await platform.airflow.putConnection({ ...connection, port: 9, password: wrong });
  expect(await failures(connections, run)).toEqual([
    expect.stringMatching(/^api_default: .*port 9/),
  ]);
});
