import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freeze } from '../../test/container-health.ts';
import {
  containerPlatform,
  whyNoContainers,
  type ContainerPlatform,
} from '../../test/container-platform.ts';
import { testChangedSecrets } from '../../test/changed-secrets.ts';
import { testBackups } from '../../test/container-backups.ts';
import { judgeMonitoring, testVerdicts } from '../../test/container-verdicts.ts';
import { testConsumers } from '../../test/consumers.ts';
import { testIdleScheduler } from '../../test/idle-scheduler.ts';
import { KEEPERS, keeperNames } from '../clickhouse/keeper-config.ts';
import { PrometheusClient } from '../components/monitoring/prometheus-client.ts';
import type { UpOptions } from '../runtime.ts';
import { readDeployment } from '../state/deployment-file.ts';
import { askHealth } from './ask-health.ts';
import { docker } from './engine.ts';
import { grantedOpenFiles } from './open-files.ts';

const obstacle = await whyNoContainers();
beforeEach(({ skip }) => skip(obstacle !== undefined, obstacle ?? ''));

const HEARTBEATS = ['airflow-dag-processor', 'airflow-scheduler', 'airflow-triggerer'];
/** What they send as a sign of life. */
const BEATS = ['scheduler', 'dag_processor', 'triggerer'].map((of) => `airflow_${of}_heartbeat`);
const ANSWERERS = ['airflow-api-server', 'airflow-flower', 'airflow-worker'];
const SERVERS = [
  ...['alertmanager', 'api', 'clickhouse-01', 'kafka', 'minio', 'postgres', 'postgres-exporter'],
  ...['prometheus', 'redis', 'redis-exporter', 'statsd-exporter', 'verdict-exporter'],
];
/** Tests of their own let them hang. */
const COORDINATORS = keeperNames(KEEPERS);
const SOON = { timeout: 90_000, interval: 1000 };

/** What Alertmanager says its alerts are. */
const alertsSchema = z.array(z.object({ labels: z.record(z.string(), z.string()) }));

const OPTIONS = {
  ...{ shards: 1, replicas: 1, storage: 'local_ssd_backup' },
  with: ['kafka', 'storage', 'api', 'monitoring'],
} as const satisfies UpOptions;

let started: ContainerPlatform | undefined;
beforeAll(async () => {
  if (obstacle !== undefined) return;
  started = await containerPlatform();
  await started.runtime.up({ ...OPTIONS, ports: started.portsFor(OPTIONS) });
});
afterAll(() => started?.[Symbol.asyncDispose]());

/** The platform of these tests. @throws RangeError when there is none */
function platform(): ContainerPlatform {
  if (started === undefined) throw new RangeError('the platform was not started');
  return started;
}

const container = (component: string): string => `provehouse-${platform().name}-${component}`;

const run = (component: string, ...words: string[]): Promise<string> =>
  docker(['exec', container(component), ...words]);

/** Which of the components their own health checks call unhealthy, and why. */
async function unwell(components: readonly string[]): Promise<Record<string, string>> {
  const asked = await Promise.all(
    components.map(async (component) => ({
      component,
      ...(await askHealth(container(component))),
    })),
  );
  return Object.fromEntries(
    asked.filter(({ healthy }) => !healthy).map(({ component, said }) => [component, said]),
  );
}

const unwellNames = async (components: readonly string[]): Promise<string[]> =>
  Object.keys(await unwell(components)).toSorted();

const isRunning = async (component: string): Promise<boolean> =>
  (await docker(['inspect', '--format', '{{.State.Running}}', container(component)])) === 'true';

test('every container but the jobs has a health check, and all are green when all is well', async () => {
  const jobs = ['airflow-migrate', 'monitoring-account', 'postgres-accounts'];
  const components = Object.keys(await platform().ids());
  const expected = [...HEARTBEATS, ...ANSWERERS, ...SERVERS, ...COORDINATORS, ...jobs];
  expect(components.toSorted()).toEqual(expected.toSorted());
  expect(await unwell(components.filter((component) => !jobs.includes(component)))).toEqual({});
});

test('no container has a volume without a name', async () => {
  const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}';
  const volumes = await docker([
    'inspect',
    '--format',
    format,
    ...Object.values(await platform().ids()),
  ]);
  const names = volumes.split(/\s+/).filter((name) => name !== '');
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !name.startsWith(`provehouse-${platform().name}-`))).toEqual([]);
});

test('a node may open as many files as ClickHouse asks for, where the engine grants it', async () => {
  const limit = Number(await run('clickhouse-01', 'sh', '-c', 'ulimit -n'));
  const granted = await grantedOpenFiles(
    await docker(['inspect', '--format', '{{.Image}}', container('clickhouse-01')]),
  );
  if (granted === null) expect(limit).toBeGreaterThan(0);
  else expect(limit).toBe(262_144);
});

/** Freezes components; they go on when what is given is disposed of. */
async function freezeAll(components: readonly string[]): Promise<AsyncDisposable> {
  const frozen = new AsyncDisposableStack();
  for (const component of components) frozen.use(await freeze(container(component)));
  return frozen;
}

describe('a component that hangs is unhealthy, as is what needs it, and nothing else', () => {
  const all = [...SERVERS, ...ANSWERERS, ...HEARTBEATS];
  const others = [...SERVERS, ...ANSWERERS];

  // An exporter of what hangs goes on, and says so. A heartbeat is missed after half a minute, in which there is time for the others.
  test('scheduler, triggerer and DAG processor; nodes, storage, broker, Kafka, API and monitoring', async () => {
    {
      await using _frozen = await freezeAll(HEARTBEATS);
      const servers = SERVERS.filter((component) => component !== 'postgres');
      {
        await using _servers = await freezeAll(servers);
        // Neither a worker nor Flower does its work without a broker.
        const expected = [...servers, 'airflow-flower', 'airflow-worker'];
        expect(await unwellNames(others)).toEqual(expected.toSorted());
        for (const component of servers) expect(await isRunning(component)).toBe(true);
      }
      await expect.poll(() => unwell(others), SOON).toEqual({});
      await expect.poll(() => unwellNames(all), SOON).toEqual(HEARTBEATS);
    }
    await expect.poll(() => unwell(all), SOON).toEqual({});
  });

  test('api-server, Flower and worker', async () => {
    {
      await using _frozen = await freezeAll(ANSWERERS);
      // Those that were frozen before have a heartbeat of then for a moment.
      await expect.poll(() => unwellNames(all), SOON).toEqual(ANSWERERS);
      for (const component of ANSWERERS) expect(await isRunning(component)).toBe(true);
    }
    await expect.poll(() => unwell(all), SOON).toEqual({});
  });

  test('the database', async () => {
    {
      await using _frozen = await freezeAll(['postgres']);
      const expected = ['airflow-api-server', ...HEARTBEATS, 'postgres'];
      expect(await unwellNames(all)).toEqual(expected);
      expect(await isRunning('postgres')).toBe(true);
    }
    await expect.poll(() => unwell(all), SOON).toEqual({});
  });
});

// Each of them breaks another component.
describe.concurrent('a component that answers, but does not do its work, is unhealthy', () => {
  test('a node that knows another password of the reader, or has the name of another node', async ({
    expect,
  }) => {
    const { bi_user_name: reader } = await platform().secrets();
    const password = `<password_sha256_hex>${'0'.repeat(64)}</password_sha256_hex>`;
    const faults = [
      {
        file: '/etc/clickhouse-server/users.d/zz-fault.xml',
        text: `<users><${reader}>${password}</${reader}></users>`,
        said: /AUTHENTICATION_FAILED/,
      },
      {
        file: '/etc/clickhouse-server/config.d/zz-fault.xml',
        text: '<display_name>clickhouse-02</display_name>',
        said: /^clickhouse-02$/,
      },
    ];
    const node = 'clickhouse-01';
    for (const { file, text, said } of faults) {
      const write = 'printf "<clickhouse>%s</clickhouse>" "$1" > "$2"';
      await run(node, 'sh', '-c', write, 'sh', text, file);
      await docker(['restart', container(node)]);
      await expect.poll(() => answers(node), SOON).toBe(true);
      expect(await unwell([node])).toEqual({ [node]: expect.stringMatching(said) });
      await run(node, 'rm', file);
    }
    await platform().runtime.restart(node);
    expect(await unwell([node])).toEqual({});
  });

  test('a database that only replays a log', async ({ expect }) => {
    const signal =
      'PGDATA="$(psql -U postgres -tAc "SHOW data_directory")"; echo "$PGDATA/standby.signal"';
    const file = await run('postgres', 'sh', '-c', signal);
    await run('postgres', 'touch', file);
    await docker(['restart', container('postgres')]);
    const recovers = (): Promise<string> =>
      run('postgres', 'psql', '-U', 'postgres', '-tAc', 'SELECT pg_is_in_recovery()');
    await expect.poll(() => recovers().catch(String), SOON).toBe('t');
    expect(await unwellNames(['postgres'])).toEqual(['postgres']);
    await run('postgres', 'rm', file);
    await platform().runtime.restart('postgres');
    expect(await unwell(['postgres'])).toEqual({});
  });

  test('a broker that takes no writes, which the engine and the status say, too', async ({
    expect,
  }) => {
    const set = (replicas: string): Promise<string> =>
      run(
        'redis',
        ...[
          'sh',
          '-c',
          'REDISCLI_AUTH="$(cat "$1")" valkey-cli CONFIG SET min-replicas-to-write "$2"',
        ],
        ...['sh', '/run/provehouse/redis.password', replicas],
      );
    const status = async (): Promise<unknown> =>
      (await platform().runtime.status()).find(({ name }) => name === 'redis');
    expect(await set('1')).toBe('OK');
    expect(await unwell(['redis'])).toEqual({ redis: expect.stringMatching(/^NOREPLICAS/) });
    await expect
      .poll(status, SOON)
      .toMatchObject({ state: 'not answering', reason: expect.stringMatching(/^NOREPLICAS/) });
    expect(await set('0')).toBe('OK');
    await expect.poll(status, SOON).toMatchObject({ state: 'ready' });
    expect(await unwell(['redis'])).toEqual({});
  });
});

test('a storage that has lost a bucket is unhealthy', async () => {
  await run('minio', 'mv', '/data/clickhouse', '/data/away');
  expect(await unwellNames(['minio'])).toEqual(['minio']);
  await run('minio', 'mv', '/data/away', '/data/clickhouse');
  expect(await unwell(['minio'])).toEqual({});
});

test('Prometheus finds everything by its name, logs in there, and has every rule', async () => {
  const { monitoring } = await readDeployment(
    join(platform().runtime.directory, 'deployment.json'),
  );
  const client = new PrometheusClient(monitoring?.url ?? '');
  const up = async (): Promise<string[]> =>
    (await client.targets()).filter(({ health }) => health === 'up').map(({ job }) => job);
  await expect
    .poll(async () => (await up()).toSorted(), SOON)
    .toEqual(monitoring?.targets.map(({ job }) => job).toSorted());
  // An exporter answers also where its account is refused.
  const well = ['pg_up == 1', 'pg_exporter_last_scrape_error == 0', 'redis_up == 1'];
  const leader = 'count by (job) (zookeeper_role{job="keeper"} == 2)';
  const controller = 'kafka_active_controllers == 1';
  const beats = BEATS.map((beat) => `increase(${beat}{component="statsd-exporter"}[30s]) > 0`);
  for (const query of [...well, 'redis_key_size{key="default"}', leader, controller, ...beats]) {
    await expect.poll(() => client.query(query), { ...SOON, message: query }).toHaveLength(1);
  }
  const rules = await client.rules();
  expect(rules.map(({ name }) => name).toSorted()).toEqual(monitoring?.alerts.toSorted());
});

describe.concurrent('verdicts', () => testVerdicts(platform));

test("Airflow's processes, which look for the exporter of their metrics once, are heard after its restart", async () => {
  await platform().runtime.restart('statsd-exporter');
  // It has forgotten what it heard before.
  const heard = (): Promise<string> =>
    run('statsd-exporter', 'wget', '-qO-', 'http://127.0.0.1:9102/metrics');
  for (const beat of BEATS) await expect.poll(heard, SOON).toContain(`\n${beat}`);
});

test('there is Grafana, or the reason why not', async () => {
  const { runtime } = platform();
  const there = (await runtime.status()).some(({ name }) => name === 'grafana');
  const { monitoring } = await readDeployment(join(runtime.directory, 'deployment.json'));
  expect(monitoring?.grafana !== undefined).toBe(there);
  const { grafana = '' } = (await runtime.leftOut?.()) ?? {};
  expect(grafana).toMatch(there ? /^$/ : /grafana\/grafana:.*--image grafana=REFERENCE/);
});

test('alerts of what was stopped are at the Alertmanager, which takes the password alone', async () => {
  const { runtime, name, secrets } = platform();
  const { monitoring } = await readDeployment(join(runtime.directory, 'deployment.json'));
  const url = `${monitoring?.alertmanager?.url}/api/v2/alerts`;
  expect((await fetch(url)).status).toBe(401);
  const { monitoring_password: password } = await secrets();
  const headers = { authorization: `Basic ${btoa(`${monitoring?.user}:${password}`)}` };
  const alerts = async (): Promise<string[]> => {
    const answer = await (await fetch(url, { headers })).json();
    return alertsSchema
      .parse(answer)
      .map(({ labels: of }) => `${of['alertname']} ${of['component'] ?? of['job']}`);
  };
  await expect.poll(alerts, SOON).toEqual([]);
  expect(await judgeMonitoring(platform())).toEqual({ status: 'passed', failed: [] });
  const stopped = [...COORDINATORS.slice(1), 'clickhouse-01', 'kafka', 'postgres', 'redis'];
  await Promise.all(stopped.map((component) => runtime.stop(component)));
  await expect
    .poll(alerts, SOON)
    .toEqual(
      expect.arrayContaining([
        ...COORDINATORS.slice(1).map((coordinator) => `CoordinatorDown ${coordinator}`),
        ...['EnsembleWithoutLeader keeper', 'KafkaDown kafka', 'NodeDown clickhouse-01'],
        ...['PostgresDown postgres-exporter', 'ValkeyDown redis-exporter'],
      ]),
    );
  await Promise.all(stopped.map((component) => runtime.start(component)));
  await expect.poll(alerts, SOON).toEqual([]);
  await expect.poll(() => unwell([...SERVERS, ...ANSWERERS, ...HEARTBEATS]), SOON).toEqual({});
  const template = '{{ template "provehouse.platform" . }} {{ template "provehouse.alerts" . }}';
  const said = await run(
    'alertmanager',
    ...['amtool', 'template', 'render', '--template.glob=/etc/provehouse/*.tmpl'],
    `--template.text=${template}`,
  );
  expect(said).toBe(`${name} ${monitoring?.url}/alerts`);
});

describe('an idle scheduler', () =>
  testIdleScheduler(async () => {
    const ports = platform().portsFor(OPTIONS);
    const url = `http://127.0.0.1:${ports['airflow'] ?? 0}`;
    return { port: ports['postgres'] ?? 0, url, secrets: await platform().secrets() };
  }));

describe('backups', () => testBackups(platform, OPTIONS));

describe('consumers', () => testConsumers(platform, OPTIONS));

describe('secrets', () => testChangedSecrets(platform, OPTIONS));

/** Whether a node answers anybody at all. */
async function answers(node: string): Promise<boolean> {
  const text = await run(node, 'wget', '-qO-', 'http://127.0.0.1:8123/ping').catch(() => '');
  return text === 'Ok.';
}
