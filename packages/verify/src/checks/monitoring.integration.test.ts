import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  cacheFolder,
  findMonitoring,
  nativeRuntime,
  PrometheusClient,
  type Deployment,
  type Runtime,
} from '@provehouse/infra';
import { startTelegram, type TelegramStandIn } from '@provehouse/infra/test/telegram';
import { generateSecrets, readSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CONTRACT_FILE } from '../../test/test-cluster.ts';
import type { ClusterContext } from '../check.ts';
import { runCheck } from '../check-run.ts';
import type { Cluster } from '../clickhouse/cluster.ts';
import { connectCluster } from '../clickhouse/connect-cluster.ts';
import type { Contract } from '../contract/contract.ts';
import { readContract } from '../contract/read-contract.ts';
import { accounts } from './accounts.ts';
import { monitoring, monitoringWithin } from './monitoring.ts';

const prometheus = await findMonitoring({
  ...{ environment: process.env, cache: cacheFolder(process.env) },
});

describe.skipIf(prometheus === undefined)('monitoring (skipped without Prometheus)', () => {
  let home: string;
  let telegram: TelegramStandIn;
  let runtime: Runtime;
  let deployment: Deployment;
  let named: NonNullable<Deployment['monitoring']>;
  let secrets: Secrets;
  let cluster: Cluster;
  let contract: Contract;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'provehouse-monitoring-'));
    telegram = await startTelegram();
    runtime = nativeRuntime({ home, name: 'monitoring' });
    const given = { ...generateSecrets(), ...telegram.secrets };
    await writeSecrets(join(runtime.directory, 'secrets.env'), given);
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
    await telegram[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  const context = (changes: Partial<Deployment> = {}): ClusterContext => ({
    ...{ deployment: { ...deployment, ...changes }, cluster, contract, secrets, parameters: {} },
  });

  /** What the check says at once, unless it is given its patience. */
  const judge = async (changes: Partial<Deployment> = {}, check = monitoringWithin(0)) => {
    const { status, findings } = await runCheck(check, context(changes));
    const wrong = findings.filter((one) => one.status !== 'passed');
    return {
      ...{ status, passed: findings.length - wrong.length },
      wrong: wrong.map(({ subject, status: of, observed }) => [of, subject, observed]),
    };
  };

  /**
   * Changes a file of Prometheus for a test, which Prometheus has read by then, and has asked everything
   * once. The next one that is changed has it read that this one is right again.
   */
  async function withFile(name: string, change: (text: string) => string): Promise<void> {
    const file = join(runtime.directory, 'config/prometheus', name);
    const right = await readFile(file, 'utf8');
    const changed = change(right);
    expect(changed).not.toBe(right);
    onTestFinished(() => writeFile(file, right));
    await writeFile(file, changed);
    const before = await loadedAt();
    const pid = (await runtime.status()).find((one) => one.name === 'prometheus')?.pid;
    process.kill(pid ?? expect.fail('Prometheus does not run'), 'SIGHUP');
    await expect.poll(loadedAt, { timeout: 20_000 }).not.toBe(before);
    const client = new PrometheusClient(named.url);
    const asked = async () => {
      const seen = [...(await client.targets()), ...(await client.rules())];
      // After a reload it finds its Alertmanager again as it finds targets.
      const sends = (await client.alertmanagers()).length > 0;
      return sends && seen.every(({ health }) => health !== 'unknown');
    };
    await expect.poll(asked, { timeout: 20_000 }).toBe(true);
  }

  /** When Prometheus read its configuration last. */
  async function loadedAt(): Promise<string | undefined> {
    const text = await (await fetch(`${named.url}/metrics`)).text();
    return /^prometheus_config_last_reload_success_timestamp_seconds (.+)$/m.exec(text)?.[1];
  }

  test('where every target answers and every rule is evaluated, it passes', async () => {
    const sound = { status: 'passed', passed: 10, wrong: [] };
    expect(await judge({}, monitoring)).toEqual(sound);
    expect((await runCheck(accounts, context())).status).toBe('passed');
  });

  test('what the platform was started without is not judged, and the reason is there', async () => {
    const unscraped = [{ job: 'airflow', reason: 'there was no program for it' }];
    expect(await judge({ monitoring: { ...named, unscraped } })).toEqual({
      ...{ status: 'passed', passed: 10 },
      wrong: [['skipped', 'airflow', 'not scraped']],
    });
  });

  test('a node that was killed fails, and people hear of it once, and once that it is back', async () => {
    const before = telegram.texts.length;
    const heard = () => telegram.texts.slice(before);
    await runtime.kill('clickhouse-02');
    try {
      const down = async () => (await judge()).wrong.map(([, subject]) => subject);
      await expect.poll(down).toContain('clickhouse of clickhouse-02');
      expect((await judge()).status).toBe('failed');
      const problem =
        'A problem on monitoring:\n• clickhouse-02 does not answer.\n' +
        '  Look at its state and log: infra:status, infra:logs clickhouse-02.\n' +
        `${named.url}/alerts`;
      await expect.poll(heard, { timeout: 60_000 }).toEqual([problem]);
    } finally {
      await runtime.start('clickhouse-02');
    }
    const solved = `Solved on monitoring:\n• clickhouse-02 does not answer.\n${named.url}/alerts`;
    await expect.poll(() => heard().slice(1), { timeout: 60_000 }).toEqual([solved]);
  });

  test('a Prometheus that sends its alerts elsewhere fails', async () => {
    const elsewhere = { url: 'http://127.0.0.1:1', sendsTo: ['telegram'] };
    const { wrong } = await judge({ monitoring: { ...named, alertmanager: elsewhere } });
    expect(wrong).toMatchObject([
      ['failed', 'alertmanager', expect.stringMatching(/^they are sent to 127\.0\.0\.1:\d+$/)],
    ]);
    const { hostname: host, port } = new URL(named.alertmanager?.url ?? '');
    const inside = { host, port: Number(port) };
    const asInside = { monitoring: { ...named, alertmanager: { ...elsewhere, inside } } };
    expect((await judge(asInside)).status).toBe('passed');
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
    const wrong = async () => (await judge()).wrong.filter(([status]) => status === 'failed');
    await expect
      .poll(wrong, { timeout: 20_000 })
      .toEqual([
        [
          ...['failed', 'rules'],
          expect.stringMatching(
            /^TooManyParts is not loaded; NodeDown is not evaluated: .*matching/,
          ),
        ],
      ]);
  });

  test('a target that the configuration lacks fails, and so does one that nobody named', async () => {
    await withFile('prometheus.yml', (text) =>
      text.replace('component: clickhouse-02', 'component: clickhouse-09'),
    );
    const [{ address = '' } = {}] = named.targets.filter(
      (one) => one.component === 'clickhouse-02',
    );
    const wrong = async () => (await judge()).wrong.filter(([status]) => status === 'failed');
    await expect.poll(wrong, { timeout: 20_000 }).toEqual([
      ['failed', 'clickhouse of clickhouse-02', 'not scraped'],
      ['failed', 'other targets', `clickhouse ${address}`],
    ]);
  });

  test('a password that nodes do not take is seen: the state of their tables is not known', async () => {
    await withFile('clickhouse.password', () => 'wrong');
    const wrong = async () => (await judge()).wrong.slice(0, 2);
    await expect
      .poll(wrong, { timeout: 20_000 })
      .toEqual(
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
    expect(elsewhere).toEqual({ status: 'passed', passed: 5, wrong: [] });
  });

  test('messages that are refused fail, and the token is in no log and no answer', async () => {
    telegram.refuse(true);
    onTestFinished(() => telegram.refuse(false));
    await withFile('alerts.yml', (text) =>
      text.replace(/expr: provehouse_partition_parts > 500\n\s+for: 30s/, 'expr: up == 1'),
    );
    const refused = async () => (await judge()).wrong.filter(([status]) => status === 'failed');
    await expect
      .poll(refused, { timeout: 60_000 })
      .toEqual([['failed', 'messages', 'some to telegram were refused']]);
    const { telegram_bot_token: token } = telegram.secrets;
    const log = await readFile(join(runtime.directory, 'logs/alertmanager.log'), 'utf8');
    expect(log).toContain('Notify for alerts failed');
    expect(log).not.toContain(token);
    const { monitoring_password: password = '' } = secrets;
    const authorization = `Basic ${btoa(`monitoring:${password}`)}`;
    const status = `${named.alertmanager?.url}/api/v2/status`;
    const shown = await (await fetch(status, { headers: { authorization } })).text();
    expect(shown).toContain('bot_token: <secret>');
    expect(shown).not.toContain(token);
    expect((await fetch(status)).status).toBe(401);
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
