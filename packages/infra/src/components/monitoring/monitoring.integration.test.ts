import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateSecrets } from '@provehouse/secrets';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { $ } from 'zx';
import { ask } from '../../../test/ask.ts';
import {
  expectNothingLeft,
  temporaryPlatform,
  type TemporaryPlatform,
} from '../../../test/temporary-platform.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import type { Deployment } from '../../state/deployment.ts';
import { chatOf, renderAlertmanager } from './alertmanager-config.ts';
import { alertNames, ALERTS_FILE } from './alert-rules.ts';
import { MONITORING_ACCOUNT } from './account.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { findMonitoring, findTool, provideMonitoring } from './programs.ts';

const places = { environment: process.env, cache: cacheFolder(process.env) };
const programs = await findMonitoring(places);
const promtool = (await findTool('promtool', places)) ?? '';
const amtool = (await findTool('amtool', places)) ?? '';

const without = ['airflow'] as const;
const small = { without, shards: 1, replicas: 1, replication: 'keeper' } as const;

test('without a Prometheus, and without apt, it is said what to do', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'provehouse-cache-'));
  onTestFinished(() => rm(cache, { recursive: true }));
  const environment = { PATH: '/nowhere' };
  await expect(provideMonitoring({ environment, cache, onDownload() {} })).rejects.toThrow(
    /^Expected prometheus on PATH .*found none, and there is no apt-get.*Install it/,
  );
  expect(await findMonitoring({ environment, cache })).toBeUndefined();
});

describe.skipIf(promtool === '')('the rules (skipped where there is no promtool)', () => {
  test('each is whole, and passes its tests', async () => {
    const options = { quiet: true, cwd: dirname(ALERTS_FILE) };
    expect((await $(options)`${promtool} check rules ${ALERTS_FILE}`).stdout).toContain('SUCCESS');
    expect((await $(options)`${promtool} test rules alerts.test.yml`).stdout).toContain('SUCCESS');
  });

  test('each has a test in which it fires', async () => {
    const tests = await readFile(join(dirname(ALERTS_FILE), 'alerts.test.yml'), 'utf8');
    const fired = new Set(
      [...tests.matchAll(/alertname: (\w+)\n\s+exp_alerts:\n/g)].map(([, name]) => name),
    );
    expect([...fired].sort()).toEqual((await alertNames()).sort());
  });
});

describe.skipIf(amtool === '')('the configuration of Alertmanager (skipped without amtool)', () => {
  test.each([
    ['a chat', { telegram_bot_token: '123456:a-token-for-tests-only', telegram_chat_id: '-1001' }],
    ['nobody', {}],
  ])('is whole where alerts go to %s', async (_, telegram) => {
    const folder = await mkdtemp(join(tmpdir(), 'provehouse-alertmanager-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'alertmanager.yml');
    const chat = chatOf({ ...generateSecrets(), ...telegram });
    await writeFile(
      file,
      renderAlertmanager(chat, { platform: 'dwh', link: 'http://dwh.example' }),
    );
    const { stdout } = await $({ quiet: true })`${amtool} check-config ${file}`;
    expect(stdout).toContain('SUCCESS');
  });
});

describe.skipIf(programs === undefined)('a platform (skipped without Prometheus)', () => {
  let platform: TemporaryPlatform;
  let deployment: Deployment;
  let monitoring: NonNullable<Deployment['monitoring']>;
  beforeAll(async () => {
    platform = await temporaryPlatform('monitoring');
    deployment = await platform.runtime.up({ ...small, with: ['monitoring'] });
    monitoring = deployment.monitoring!;
  });
  afterAll(() => platform[Symbol.asyncDispose]());

  const firing = async () =>
    (await new PrometheusClient(monitoring.url).alerts())
      .filter(({ state }) => state === 'firing')
      .map(({ name, labels }) => [name, labels['component'] ?? '', labels['table'] ?? ''].join(' '))
      .sort();

  const metrics = (path: string, password?: string): Promise<Response> => {
    const [{ host, httpPort } = { host: '', httpPort: 0 }] = deployment.clickhouse.nodes;
    const login = `Basic ${btoa(`${MONITORING_ACCOUNT}:${password}`)}`;
    return fetch(`http://${host}:${httpPort}${path}`, {
      headers: password === undefined ? {} : { authorization: login },
    });
  };

  test('every target of the deployment is scraped, and every rule is evaluated', async () => {
    const client = new PrometheusClient(monitoring.url);
    const up = async () =>
      (await client.targets())
        .filter(({ health }) => health === 'up')
        .map(({ job, component, address }) => ({ job, component, address }));
    await expect.poll(up).toHaveLength(monitoring.targets.length);
    expect(await up()).toEqual(expect.arrayContaining([...monitoring.targets]));
    const evaluated = async () =>
      (await client.rules()).flatMap(({ name, health }) => (health === 'ok' ? [name] : [])).sort();
    await expect.poll(evaluated).toEqual(monitoring.alerts.toSorted());
    expect(monitoring.version).toMatch(/^\d+\.\d+/);
    const { headers } = await fetch(`${monitoring.url}/api/v1/alerts`, {
      headers: { origin: 'http://elsewhere.example' },
    });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a node serves what it counts to all, and of its tables to the account of monitoring alone', async () => {
    const { monitoring_password: password = '' } = await platform.secrets();
    const counted = await (await metrics('/metrics')).text();
    expect(counted).toContain('ClickHouseMetrics_ReadonlyReplica 0');
    const tables = await metrics('/metrics/tables', password);
    expect([tables.status, tables.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain; version=0.0.4'),
    ]);
    for (const refused of ['wrong', undefined]) {
      expect((await metrics('/metrics/tables', refused)).ok).toBe(false);
    }
    const rows = await metrics('/?query=SELECT+1+FROM+system.users', password);
    expect(await rows.text()).toContain('ACCESS_DENIED');
    expect(await (await metrics('/ping')).text()).toBe('Ok.\n');
  });

  test('the figures of tables are those of the node', async () => {
    const secrets = await platform.secrets();
    const su = { user: secrets.super_user_name, password: secrets.super_user_password };
    const { httpPort } = deployment.clickhouse.nodes[0]!;
    const statements = [
      `CREATE TABLE otus_default.r (id UInt64) ENGINE = ReplicatedMergeTree('/r', '{replica}') ORDER BY id`,
      `CREATE TABLE otus_default.d AS otus_default.r ENGINE = Distributed(dwh_test, otus_default, r, id)`,
      'SYSTEM STOP DISTRIBUTED SENDS otus_default.d',
      'SYSTEM STOP MERGES otus_default.r',
      'INSERT INTO otus_default.r VALUES (1)',
      'INSERT INTO otus_default.r VALUES (2)',
      'INSERT INTO otus_default.d SETTINGS distributed_foreground_insert = 0, prefer_localhost_replica = 0 VALUES (3)',
    ];
    for (const statement of statements) expect(await ask(httpPort, su, statement)).toBe('');
    const text = async () => (await metrics('/metrics/tables', secrets.monitoring_password)).text();
    for (const [name, table, value] of [
      ['provehouse_replica_readonly', 'r', 0],
      ['provehouse_replica_delay_seconds', 'r', 0],
      ['provehouse_replica_queue_entries', 'r', 0],
      ['provehouse_partition_parts', 'r', 2],
      ['provehouse_distribution_queue_files', 'd', 1],
    ] as const) {
      expect(await text()).toContain(
        `${name}{database="otus_default",table="${table}"} ${value}\n`,
      );
    }
  });

  test('the ensemble says who leads it and what it does, to this machine alone', async () => {
    const client = new PrometheusClient(monitoring.url);
    const figures = async (query: string) =>
      (await client.query(query)).map(({ value }) => value).sort();
    await expect.poll(() => figures('zookeeper_role')).toEqual([1, 1, 2]);
    for (const [query, value] of [
      ['min(zookeeper_quorum_size)', 3],
      ['min(zookeeper_znodes) > bool 5', 1],
      ['sum(zookeeper_connections) > bool 0', 1],
      ['sum(zookeeper_packets_received_total) > bool 0', 1],
      ['max(zookeeper_request_latency_max_milliseconds) > bool 0', 1],
      ['count(zookeeper_outstanding_requests)', 3],
    ] as const) {
      expect([query, await figures(query)]).toEqual([query, [value]]);
    }
    const members = monitoring.targets.filter(({ job }) => job === 'zookeeper');
    expect(members.map(({ component }) => component)).toEqual([
      ...['zookeeper-01', 'zookeeper-02', 'zookeeper-03'],
    ]);
    for (const { address } of members) {
      const elsewhere = `http://${address.replace('127.0.0.1', '127.0.0.2')}/metrics`;
      await expect(fetch(elsewhere)).rejects.toThrow();
    }
  });

  test('a coordinator that was killed is an alert, and so are an ensemble without a leader and a replica without it', async () => {
    const client = new PrometheusClient(monitoring.url);
    const leaders = async () =>
      (await client.query('zookeeper_role == 2')).map(({ labels }) => labels['component']);
    const [first = expect.fail('nobody leads')] = await leaders();
    await platform.runtime.kill(first);
    const down = `CoordinatorDown ${first} `;
    await expect.poll(firing, { timeout: 60_000 }).toEqual([down]);
    const target = (await client.targets()).find(({ component }) => component === first);
    expect(target).toMatchObject({ job: 'zookeeper', health: 'down' });
    const [second = expect.fail('nobody leads')] = await leaders();
    expect(second).not.toBe(first);
    await platform.runtime.kill(second);
    const lost = [
      ...[down, `CoordinatorDown ${second} `, 'EnsembleWithoutLeader  '],
      'ReplicaReadOnly clickhouse-01 r',
    ].sort();
    await expect.poll(firing, { timeout: 60_000 }).toEqual(lost);
    await Promise.all([first, second].map((name) => platform.runtime.start(name)));
    await expect.poll(firing, { timeout: 60_000 }).toEqual([]);
  });

  test('verdicts that are left in the folder are figures of Prometheus, and one that failed is an alert', async () => {
    const line = 'provehouse_check_status{deployment="dwh",check="macros",status="failed"} 1\n';
    const folder = join(platform.runtime.directory, 'data/verdicts');
    await writeFile(join(folder, 'watch.prom'), `# TYPE provehouse_check_status gauge\n${line}`);
    const client = new PrometheusClient(monitoring.url);
    const seen = async () => (await client.alerts()).map(({ name, summary }) => [name, summary]);
    await expect
      .poll(seen, { timeout: 30_000 })
      .toEqual([['VerdictFailed', 'The check macros of dwh is failed.']]);
    await rm(join(folder, 'watch.prom'));
    await expect.poll(seen, { timeout: 30_000 }).toEqual([]);
  });

  test('no password is in a command, in the configuration or in a file that others may read', async () => {
    const { monitoring_password: password = 'absent' } = await platform.secrets();
    const commands = (await platform.processes()).map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    );
    const folder = join(platform.runtime.directory, 'config/prometheus');
    const texts = [
      ...(await Promise.all(commands)),
      await readFile(join(folder, 'prometheus.yml'), 'utf8'),
      await readFile(join(folder, 'alertmanager.yml'), 'utf8'),
      await readFile(join(folder, 'alertmanager-web.yml'), 'utf8'),
    ];
    expect(texts.join('\n')).toContain('--storage.tsdb.retention.size=');
    expect(texts.join('\n')).not.toContain(password);
    const file = join(folder, 'clickhouse.password');
    expect(await readFile(file, 'utf8')).toBe(password);
    for (const name of ['clickhouse.password', 'alertmanager.yml', 'alertmanager-web.yml']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('it is stopped with the platform, and is not there where it is not asked for', async () => {
    await platform.runtime.down();
    await expectNothingLeft(platform);
    const bare = await platform.runtime.up({ ...small, with: [] });
    expect(bare.monitoring).toBeUndefined();
    const { httpPort } = bare.clickhouse.nodes[0]!;
    expect((await fetch(`http://127.0.0.1:${httpPort}/metrics`)).status).toBe(404);
  });
});
