import { readFile, readdir, readlink } from 'node:fs/promises';
import axios from 'axios';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Secrets } from '@provehouse/secrets';
import { ask } from '../../test/ask.ts';
import { testForkedAirflow } from '../../test/forked-airflow.ts';
import { testIdleScheduler } from '../../test/idle-scheduler.ts';
import { testRotatedSecrets } from '../../test/rotated-secrets.ts';
import { temporaryPlatform, type TemporaryPlatform } from '../../test/temporary-platform.ts';
import type { Deployment } from '../state/deployment.ts';

// One platform for all: a start takes longer than all the tests together. They build on each other
// only through what a platform keeps, as its owner's commands would.
let platform: TemporaryPlatform;
let deployment: Deployment;
let secrets: Secrets;

beforeAll(async () => {
  platform = await temporaryPlatform();
  // As a shell may have it that starts a platform.
  vi.stubEnv('TZ', 'Pacific/Auckland');
  deployment = await platform.runtime.up();
  secrets = await platform.secrets();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await platform[Symbol.asyncDispose]();
});

const url = (): string => deployment.airflow?.url ?? '';

async function login(username: string, password: string): Promise<string | number> {
  const { status, data } = await axios.post(
    `${url()}/auth/token`,
    { username, password },
    { validateStatus: () => true, proxy: false },
  );
  return status === 201 ? String(data.access_token) : status;
}

async function get(path: string): Promise<Record<string, unknown>> {
  const token = await login(secrets.airflow_admin_user, secrets.airflow_admin_password);
  const headers = { authorization: `Bearer ${token}` };
  return (await axios.get(`${url()}/api/v2${path}`, { headers, proxy: false })).data;
}

test('every component is ready, and is shown with its process and memory', async () => {
  const statuses = await platform.runtime.status();
  expect(statuses.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'airflow-api-server ready',
    'airflow-dag-processor ready',
    'airflow-flower ready',
    'airflow-parent ready',
    'airflow-scheduler ready',
    'airflow-triggerer ready',
    'airflow-worker ready',
    'clickhouse-01 ready',
    'clickhouse-02 ready',
    'clickhouse-03 ready',
    'clickhouse-04 ready',
    'postgres ready',
    'redis ready',
    'zookeeper-01 ready',
    'zookeeper-02 ready',
    'zookeeper-03 ready',
  ]);
  const memory = statuses.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0);
  expect(statuses.every(({ pid, memoryBytes = 0 }) => pid !== undefined && memoryBytes > 0)).toBe(
    true,
  );
  expect(memory).toBeLessThan(2.0 * 1024 ** 3);
});

test('every part is in the time zone of the platform, not in that of the shell that started it', async () => {
  const zones = await Promise.all(
    (await platform.processes()).map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').find((variable) => variable.startsWith('TZ='));
    }),
  );
  // Some programs write their title over the environment that is shown of them.
  const shown = zones.filter((zone) => zone !== undefined);
  expect(shown.length).toBeGreaterThan(10);
  expect(new Set(shown)).toEqual(new Set(['TZ=UTC']));

  const su = { user: secrets.super_user_name, password: secrets.super_user_password };
  const nodes = deployment.clickhouse.nodes.map(({ httpPort }) =>
    ask(httpPort, su, 'SELECT timezone(), toString(toDateTime(0))'),
  );
  expect(new Set(await Promise.all(nodes))).toEqual(new Set(['UTC\t1970-01-01 00:00:00']));

  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: deployment.postgres?.port, database: 'postgres' },
    ...{ user: 'postgres', password: secrets.postgres_password },
  });
  await client.connect();
  const { rows } = await client.query('SHOW timezone');
  await client.end();
  expect(rows).toEqual([{ TimeZone: 'UTC' }]);
});

test('the administrator logs in with the generated password and nobody with another one', async () => {
  expect(await login('admin', secrets.airflow_admin_password)).toEqual(expect.any(String));
  expect(await login('admin', 'admin')).toBe(401);
  expect(await login('airflow', 'airflow')).toBe(401);
});

test('of the API that tasks talk to the newest version is served, and no older one', async () => {
  const asked = (version: string) =>
    axios.get(`${url()}/execution/health/ping`, {
      headers: { 'airflow-api-version': version },
      ...{ validateStatus: () => true, proxy: false },
    });
  expect(await asked('2100-01-01')).toMatchObject({ status: 200 });
  // That of Airflow 3.0.
  expect(await asked('2025-04-11')).toMatchObject({ status: 404 });
});

test('REST shows the connections of the reference with masked passwords, and no telegram', async () => {
  const { connections } = await get('/connections');
  const byId = new Map(
    (connections as { connection_id: string }[]).map((one) => [one.connection_id, one]),
  );
  expect([...byId.keys()].sort()).toEqual(['clickhouse_default', 'kafka_default']);
  const [node] = deployment.clickhouse.nodes;
  expect(byId.get('clickhouse_default')).toMatchObject({
    conn_type: 'clickhouse',
    host: node?.host,
    port: node?.httpPort,
    login: 'su',
    schema: 'otus_default',
    password: '***',
  });
  expect(byId.get('kafka_default')).toMatchObject({ extra: '{"bootstrap.servers": "kafka:9092"}' });
});

test('every listener of the platform is on the loopback address', async () => {
  const inodes = new Set<string>();
  for (const pid of await platform.processes()) {
    for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      inodes.add(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
    }
  }
  const listeners: string[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const row of (await readFile(table, 'utf8')).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      if (state === '0A' && inodes.has(inode)) listeners.push(local.split(':')[0] ?? '');
    }
  }
  expect(listeners.length).toBeGreaterThanOrEqual(13);
  // Bytes in reverse, so that those of 127.0.0.0/8 end with 7F; Java listens at them by way of IPv6.
  const loopback = /^(0000000000000000FFFF0000)?[0-9A-F]{6}7F$/;
  expect(listeners.filter((address) => !loopback.test(address))).toEqual([]);
});

test('no process has a secret among its arguments', async () => {
  const values = Object.entries(secrets).filter(([field]) => /password|key|secret/.test(field));
  const commands = await Promise.all(
    (await platform.processes()).map((pid) =>
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ),
  );
  expect(commands.join('')).toContain('airflow');
  for (const [field, value] of values) {
    expect(
      commands.some((command) => command.includes(String(value))),
      field,
    ).toBe(false);
  }
});

describe('an idle scheduler', () =>
  testIdleScheduler(async () => ({ port: deployment.postgres?.port ?? 0, url: url(), secrets })));

describe('forked processes', () => testForkedAirflow(() => platform));

describe('secrets in turns', () => testRotatedSecrets(() => platform));
