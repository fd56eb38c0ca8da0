import { expect, test } from 'vitest';
import { generateSecrets, type Secrets } from '@provehouse/secrets';
import { parse } from 'yaml';
import { containerPlan } from '../../../test/container-plan.ts';
import {
  containerFiles,
  fetchedFiles,
  imagesUsed,
  secretsNeeded,
} from '../../docker/components.ts';
import { COMPONENTS } from '../index.ts';
import { unscrapedInside } from './statsd-exporter-container.ts';

const PASSWORD = `Prometheus' "own" \\ $1`;
const secrets = { ...generateSecrets(), monitoring_password: PASSWORD };
const monitored = containerPlan({ modules: ['monitoring'] });

/** The targets of Prometheus by job. */
async function targets(
  plan: typeof monitored,
  known: Secrets = secrets,
): Promise<Record<string, string[]>> {
  const files = await containerFiles(COMPONENTS, plan, known);
  const { scrape_configs: jobs } = parse(files['prometheus/prometheus.yml'] ?? '');
  return Object.fromEntries(
    jobs.map((job: { job_name: string; static_configs: { targets: string[] }[] }) => [
      job.job_name,
      job.static_configs.flatMap((one) => one.targets),
    ]),
  );
}

test("exporters are asked by their containers' names where the platform has Airflow", async () => {
  expect(await targets(monitored)).toMatchObject({
    postgres: ['postgres-exporter:9187'],
    redis: ['redis-exporter:9121'],
    airflow: ['statsd-exporter:9102'],
    verdicts: ['verdict-exporter:9100'],
  });
  const nodesOnly = containerPlan({ airflow: false, modules: ['monitoring'] });
  expect(await targets(nodesOnly)).not.toHaveProperty('postgres');
  expect(await targets(nodesOnly)).not.toHaveProperty('airflow');
  // Those of a watch on this machine.
  expect(await targets(nodesOnly)).toHaveProperty('verdicts');
  expect(imagesUsed(COMPONENTS, nodesOnly)).not.toContain('postgres_exporter');
  expect(imagesUsed(COMPONENTS, nodesOnly)).not.toContain('statsd_exporter');
});

/** What Airflow's containers are given of the settings of metrics. */
async function sent(plan: typeof monitored): Promise<Record<string, unknown>> {
  const files = await containerFiles(COMPONENTS, plan, secrets);
  const settings: object = JSON.parse(files['airflow/environment.json'] ?? '');
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => name.startsWith('AIRFLOW__METRICS__')),
  );
}

test("Airflow sends its metrics to the exporter's container where there is monitoring", async () => {
  expect(await sent(monitored)).toMatchObject({
    AIRFLOW__METRICS__STATSD_ON: 'True',
    AIRFLOW__METRICS__STATSD_HOST: 'statsd-exporter',
    AIRFLOW__METRICS__STATSD_PORT: '9125',
  });
  const files = await containerFiles(COMPONENTS, monitored, secrets);
  expect(parse(files['prometheus/statsd-mapping.yml'] ?? '')).toHaveProperty('mappings');
  expect(unscrapedInside(monitored)).toEqual({});
  expect(await sent(containerPlan())).toEqual({});
});

test('where the exporter is left out, Airflow sends nothing, and what is not scraped is said', async () => {
  const without = containerPlan({
    modules: ['monitoring'],
    unavailable: { statsd_exporter: 'Airflow lacks a package' },
  });
  expect(await sent(without)).toEqual({});
  expect(await targets(without)).not.toHaveProperty('airflow');
  expect(await targets(without)).toHaveProperty('postgres');
  expect(unscrapedInside(without)).toEqual({
    unscraped: [
      { job: 'airflow', reason: 'statsd-exporter was left out: Airflow lacks a package.' },
    ],
  });
  // Nobody expects metrics of an Airflow that is not there.
  expect(unscrapedInside({ ...without, airflow: false })).toEqual({});
});

test('the account of the exporters is that of processes, with its password in files alone', async () => {
  const files = await containerFiles(COMPONENTS, monitored, secrets);
  const sql = files['prometheus/postgres-account.sql'] ?? '';
  expect(sql).toContain(`CREATE ROLE "monitoring" LOGIN`);
  expect(sql).toContain(`PASSWORD  E'Prometheus'' "own" \\\\ $1'`);
  expect(sql).toContain('GRANT SELECT (dag_id, state, run_type, start_date, queued_at) ON dag_run');
  expect(files['prometheus/postgres.password']).toBe(PASSWORD);
  expect(JSON.parse(files['prometheus/redis-passwords.json'] ?? '')).toEqual({
    'redis://redis:6379': PASSWORD,
    'redis://monitoring@redis:6379': PASSWORD,
  });
  expect(files['redis/valkey.conf']).toMatch(/^user monitoring on #[0-9a-f]{64} \+info /m);
});

test('the password that all parts of monitoring share is made once', () => {
  expect(secretsNeeded(COMPONENTS, monitored)).toEqual(['monitoring_password']);
});

test('without monitoring nobody but Celery has an account at Valkey', async () => {
  const files = await containerFiles(COMPONENTS, containerPlan(), secrets);
  expect(files['redis/valkey.conf']).not.toContain('user ');
  expect(files).not.toHaveProperty('prometheus/postgres-account.sql');
});

test('Keepers serve metrics by themselves where there is monitoring, and each is a target', async () => {
  const names = ['clickhouse-keeper-01', 'clickhouse-keeper-02', 'clickhouse-keeper-03'];
  expect(await targets(monitored)).toMatchObject({ keeper: names.map((name) => `${name}:9363`) });
  const keeper = async (plan: typeof monitored): Promise<string> =>
    (await containerFiles(COMPONENTS, plan, secrets))[`keeper/${names[0]}/keeper_config.xml`] ?? '';
  expect(await keeper(monitored)).toMatch(/<prometheus>[^]*<port>9363</);
  expect(await keeper(containerPlan())).not.toContain('<prometheus>');
  expect(await targets(containerPlan({ keepers: 0, modules: ['monitoring'] }))).not.toHaveProperty(
    'keeper',
  );
});

test('Kafka has an agent where there is monitoring, and nowhere else', async () => {
  const both = containerPlan({ modules: ['kafka', 'monitoring'] });
  const whole = {
    ...{ ...secrets, kafka_broker_password: "the broker's", kafka_password: "the tasks'" },
    kafka_clickhouse_password: "the nodes'",
  };
  expect(await targets(both, whole)).toMatchObject({ kafka: ['kafka:9404'] });
  expect(fetchedFiles(COMPONENTS, both)).toHaveProperty(['kafka/jmx-agent.jar']);
  const kafka = containerPlan({ modules: ['kafka'] });
  expect(fetchedFiles(COMPONENTS, kafka)).not.toHaveProperty(['kafka/jmx-agent.jar']);
  expect(await containerFiles(COMPONENTS, kafka, whole)).not.toHaveProperty('kafka/metrics.yml');
  expect(await targets(monitored)).not.toHaveProperty('kafka');
});
