import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheFolder,
  findPrometheus,
  nativeRuntime,
  PrometheusClient,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CONTRACT_FILE } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import type { Cluster } from '../clickhouse/cluster.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import type { Contract } from '../contract/contract.ts';
import { readContract } from '../contract/read-contract.ts';
import { accounts } from './accounts.ts';
import { monitoring } from './monitoring.ts';

const prometheus = await findPrometheus({
  ...{ environment: process.env, cache: cacheFolder(process.env) },
});

describe.skipIf(prometheus === undefined)('monitoring (skipped without Prometheus)', () => {
  let home: string;
  let runtime: Runtime;
  let deployment: Deployment;
  let named: NonNullable<Deployment['monitoring']>;
  let secrets: Secrets;
  let cluster: Cluster;
  let contract: Contract;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'provehouse-monitoring-'));
    runtime = nativeRuntime({ home, name: 'monitoring' });
    deployment = await runtime.up({
      ...{ without: ['airflow'], shards: 2, replicas: 1, replication: 'distributed-writes' },
      with: ['monitoring'],
    });
    named = deployment.monitoring!;
    secrets = await readSecrets(deployment.secretsFile);
    const { super_user_name: user, super_user_password: password } = secrets;
    cluster = connectCluster(deployment, { user, password });
    contract = await readContract(CONTRACT_FILE);
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await runtime.down({ purge: true });
    await rm(home, { recursive: true });
  });

  const context = (changes: Partial<Deployment> = {}): ClusterContext => ({
    ...{ deployment: { ...deployment, ...changes }, cluster, contract, secrets, parameters: {} },
  });

  const judge = async (changes: Partial<Deployment> = {}) => {
    const { status, findings } = await runCheck(monitoring, context(changes));
    const wrong = findings.filter((one) => one.status !== 'passed');
    return {
      ...{ status, passed: findings.length - wrong.length },
      wrong: wrong.map(({ subject, status: of, observed }) => [of, subject, observed]),
    };
  };

  /** Changes a file of Prometheus for a test, which Prometheus has read by then. */
  async function withFile(name: string, change: (text: string) => string): Promise<void> {
    const file = join(runtime.directory, 'config/prometheus', name);
    const right = await readFile(file, 'utf8');
    const changed = change(right);
    expect(changed).not.toBe(right);
    onTestFinished(async () => {
      await writeFile(file, right);
      await runtime.restart('prometheus');
    });
    await writeFile(file, changed);
    await runtime.stop('prometheus');
    await runtime.start('prometheus');
    const client = new PrometheusClient(named.url);
    const unknown = async () =>
      [...(await client.targets()), ...(await client.rules())].filter(
        ({ health }) => health === 'unknown',
      ).length;
    await expect.poll(unknown).toBe(0);
  }

  test('where every target answers and every rule is evaluated, it passes', async () => {
    expect(await judge()).toEqual({ status: 'passed', passed: 6, wrong: [] });
    expect((await runCheck(accounts, context())).status).toBe('passed');
  });

  test('a rule that somebody has added is no fault', async () => {
    await withFile(
      'alerts.yml',
      (text) => `${text}  - name: own\n    rules:\n      - { record: nodes, expr: count(up) }\n`,
    );
    expect(await judge()).toMatchObject({ status: 'passed' });
  });

  test('an alert that fires on a platform whose parts answer is a warning', async () => {
    await withFile('alerts.yml', (text) =>
      text.replace(/expr: up\{job="clickhouse"\} == 0\n\s+for: 10s/, 'expr: up == 1'),
    );
    const fires = async () => (await judge()).status;
    await expect.poll(fires).toBe('warned');
    const { wrong } = await judge();
    expect(wrong).toMatchObject([
      ['warned', 'alerts', expect.stringContaining('NodeDown: clickhouse-01 does not answer.')],
    ]);
  });

  test('a rule that cannot be evaluated fails, and so does one that is not loaded', async () => {
    await withFile('alerts.yml', (text) =>
      text
        .replace('up{job="clickhouse"} == 0\n', 'up == on () up\n')
        .replace('alert: TooManyParts', 'alert: Parts'),
    );
    const { status, wrong } = await judge();
    expect(status).toBe('failed');
    expect(wrong).toEqual([
      [
        ...['failed', 'rules'],
        expect.stringMatching(/^TooManyParts is not loaded; NodeDown is not evaluated: .*matching/),
      ],
    ]);
  });

  test('a target that the configuration lacks fails, and so does one that nobody named', async () => {
    await withFile('prometheus.yml', (text) =>
      text.replace('component: clickhouse-02', 'component: clickhouse-09'),
    );
    const { status, wrong } = await judge();
    expect(status).toBe('failed');
    const [{ address = '' } = {}] = named.targets.filter(
      (one) => one.component === 'clickhouse-02',
    );
    expect(wrong).toEqual([
      ['failed', 'clickhouse of clickhouse-02', 'not scraped'],
      ['failed', 'other targets', `clickhouse ${address}`],
    ]);
  });

  test('a password that nodes do not take is seen: the state of their tables is not known', async () => {
    await withFile('clickhouse.password', () => 'wrong');
    const { status, wrong } = await judge();
    expect(status).toBe('failed');
    expect(wrong.slice(0, 2)).toEqual(
      ['clickhouse-01', 'clickhouse-02'].map((node) => [
        ...['failed', `clickhouse-tables of ${node}`],
        expect.stringContaining('HTTP status 4'),
      ]),
    );
  });

  test('what a Prometheus of one’s own watches besides is no fault', async () => {
    await withFile('alerts.yml', (text) =>
      text.replace(/expr: up\{job="clickhouse"\} == 0\n\s+for: 10s/, 'expr: up == 1'),
    );
    const [target] = named.targets;
    const part = { ...named, targets: target ? [target] : [], alerts: ['ReplicaReadOnly'] };
    await expect.poll(async () => (await judge()).status).toBe('warned');
    expect((await judge({ monitoring: part })).status).toBe('failed');
    const elsewhere = await judge({ monitoring: part, runtime: 'external' });
    expect(elsewhere).toEqual({ status: 'passed', passed: 3, wrong: [] });
  });

  test('a node that was killed fails', async () => {
    await runtime.kill('clickhouse-02');
    try {
      const down = async () => (await judge()).wrong.map(([, subject]) => subject);
      await expect.poll(down).toContain('clickhouse of clickhouse-02');
      expect((await judge()).status).toBe('failed');
    } finally {
      await runtime.start('clickhouse-02');
    }
  });

  test('a platform without Prometheus passes, and a deployment of one’s own that names none proves nothing', async () => {
    const { monitoring: _, ...bare } = deployment;
    expect(await runCheck(monitoring, { ...context(), deployment: bare })).toMatchObject({
      status: 'passed',
      findings: [{ observed: 'the platform has no Prometheus' }],
    });
    const external = { ...bare, runtime: 'external' } as const;
    const { status, findings } = await runCheck(monitoring, { ...context(), deployment: external });
    expect([status, findings[0]?.reason]).toEqual([
      'skipped',
      expect.stringContaining('The deployment names no Prometheus'),
    ]);
  });

  test('without an answer of Prometheus it fails', async () => {
    const elsewhere = { ...named, url: 'http://127.0.0.1:1' };
    expect((await judge({ monitoring: elsewhere })).wrong).toEqual([
      ['failed', 'prometheus', expect.stringContaining('does not answer: ')],
    ]);
  });
});
