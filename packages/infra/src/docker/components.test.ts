import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FIELDS, generateSecrets, type FieldName, type Secrets } from '@provehouse/secrets';
import { containerNodes } from '../components/clickhouse/nodes.ts';
import type { ContainerShape } from '../components/container-side.ts';
import { containerKeepers } from '../components/coordination.ts';
import { COMPONENTS } from '../components/index.ts';
import * as components from './components.ts';
import type { ContainerPlan } from './container-plan.ts';
import { createTopology } from '../clickhouse/topology.ts';
import { containerPlan as plan } from '../../test/container-plan.ts';
import { GREETING, toy } from '../../test/toy-component/index.ts';
import { calledModules, terraformVariables } from './terraform-variables.ts';
import { stateFolder } from '../state/state-folder.ts';

const containerFiles = (plan: ContainerPlan, secrets: Secrets) =>
  components.containerFiles(COMPONENTS, plan, secrets);

const variablesOf = (whole: ContainerPlan) => {
  const request = { folder: stateFolder('/home', 'local'), name: 'local', plan: whole };
  return terraformVariables({ ...request, descriptors: COMPONENTS }, true);
};

const passwords = (secrets: Secrets): string[] =>
  Object.entries(secrets)
    .filter(([field]) => /password|secret|key/.test(field))
    .map(([, value]) => value);

test('every node and Keeper has its files', async () => {
  const files = Object.keys(await containerFiles(plan(), generateSecrets()));
  for (const node of createTopology().nodes) {
    for (const file of ['config.xml', 'users.xml', 'health.headers']) {
      expect(files).toContain(`clickhouse/${node.name}/${file}`);
    }
  }
  expect(files.filter((file) => file.startsWith('keeper/'))).toHaveLength(3);
});

test('nodes reach each other by name and by the ports of the image', async () => {
  const files = await containerFiles(plan(), generateSecrets());
  const config = files['clickhouse/clickhouse-03/config.xml'] ?? '';
  expect(config).toContain('<host>clickhouse-04</host>');
  expect(config).toContain('<port>9000</port>');
  expect(config).toContain('<interserver_http_host>clickhouse-03</interserver_http_host>');
  expect(config).toContain('<interserver_http_port>9009</interserver_http_port>');
  expect(config).not.toContain('127.0.0.1');
});

test('nodes that cannot replicate have no address of Keepers', async () => {
  const without = plan({ engine: 'chdb', replication: 'distributed-writes', keepers: 0 });
  const files = await containerFiles(without, generateSecrets());
  const config = files['clickhouse/clickhouse-01/config.xml'] ?? '';
  expect(config).not.toContain('zookeeper');
  expect(config).toContain('<internal_replication>false</internal_replication>');
});

test('sessions end as soon as in processes, which Keepers must allow', async () => {
  const files = await containerFiles(plan(), generateSecrets());
  expect(files['clickhouse/clickhouse-01/config.xml']).toContain('<session_timeout_ms>5000<');
  expect(files['keeper/clickhouse-keeper-01/keeper_config.xml']).toContain(
    '<min_session_timeout_ms>1000<',
  );
});

test('the deployment knows every Keeper as this machine reaches it', () => {
  expect(containerKeepers(plan())).toEqual(
    [1, 2, 3].map((n) => ({
      ...{ name: `clickhouse-keeper-0${n}`, host: '127.0.0.1', port: 9180 + n },
    })),
  );
  const nodes = containerNodes(plan());
  expect(nodes.map(({ interserverPort }) => interserverPort)).toEqual(Array(4).fill(9009));
});

test('without Airflow there is nothing of it, of PostgreSQL and of the broker', async () => {
  const files = Object.keys(await containerFiles(plan({ airflow: false }), generateSecrets()));
  expect(files.filter((file) => /^(airflow|postgres|redis)\//.test(file))).toEqual([]);
});

test('a consumer has its password in a file, also without Airflow', async () => {
  const secrets = { ...generateSecrets(), metabase_database_password: 'a password of metabase' };
  const files = await containerFiles(plan({ airflow: false, consumers: ['metabase'] }), secrets);
  expect(files['postgres/metabase.password']).toBe('a password of metabase');
  expect(files).not.toHaveProperty('postgres/airflow.password');
});

test('the administrator of Airflow is not in the environment that tasks see', async () => {
  const secrets = generateSecrets();
  const files = await containerFiles(plan(), secrets);
  expect(files['airflow/environment.json']).not.toContain(secrets.airflow_admin_password);
  expect(files['airflow/administrator.json']).toContain(secrets.airflow_admin_password);
});

test("a bucket's account with a quote in it survives MinIO's file", async () => {
  const secrets = { ...generateSecrets(), minio_root_password: "it's a long password" };
  const files = await containerFiles(plan({ storage: 's3_ssd' }), secrets);
  expect(files['minio/config.env']).toContain(`='it's a long password'\n`);
});

const ORIGIN = { seed: 16, begin_hour: 494_000, products_per_hour: 100 };
const MODULE_SECRETS = {
  ...{ kafka_broker_password: "the broker's", kafka_password: "the tasks'" },
  ...{ kafka_clickhouse_password: "the nodes'", api_token: "the API's" },
};

test('modules have their files, and nodes find Kafka by its name', async () => {
  const secrets = { ...generateSecrets(), ...MODULE_SECRETS };
  const whole = plan({ modules: ['kafka', 'storage', 'api'], productsOrigin: ORIGIN });
  const files = await containerFiles(whole, secrets);
  const nodes = files['clickhouse/clickhouse-01/config.xml'] ?? '';
  expect(nodes).toContain('<kafka_broker_list>kafka:9092</kafka_broker_list>');
  expect(nodes).not.toContain('<storage_configuration>');
  const broker = files['kafka/server.properties'] ?? '';
  expect(broker).toContain('CLIENTS://kafka:9092,MACHINE://127.0.0.1:9092');
  expect(broker).not.toContain(secrets.kafka_password);
  expect(files['kafka/java.options']).toContain('-Xmx192m');
  expect(JSON.parse(files['api/server.json'] ?? '')).toMatchObject({
    port: 8090,
    token: "the API's",
  });
  expect(JSON.parse(files['api/origin.json'] ?? '')).toEqual(ORIGIN);
  expect(files).toHaveProperty('minio/config.env');
});

test('Prometheus asks nodes and Flower by their names, and each password is a file of its own', async () => {
  const secrets = { ...generateSecrets(), monitoring_password: "Prometheus' own" };
  const files = await containerFiles(plan({ modules: ['monitoring'] }), secrets);
  const config = files['prometheus/prometheus.yml'] ?? '';
  expect(config).toContain('clickhouse-04:8123');
  expect(config).toContain('airflow-flower:5555');
  expect(config).toContain('password_file: /etc/provehouse/clickhouse.password');
  expect(files['prometheus/clickhouse.password']).toBe("Prometheus' own");
  expect(files['prometheus/flower.password']).toBe(secrets.flower_password);
  expect(files['clickhouse/clickhouse-01/config.xml']).toContain('<url>/metrics</url>');
  expect(files['clickhouse/clickhouse-01/users.xml']).toContain('<monitoring>');
  expect(JSON.parse(files['airflow/environment.json'] ?? '')).toHaveProperty(
    'FLOWER_PURGE_OFFLINE_WORKERS',
  );
});

test('alerts go to the Alertmanager, whose configuration alone has the token', async () => {
  const token = '123456:a-token-that-nobody-may-see';
  const secrets = {
    ...{ ...generateSecrets(), monitoring_password: "Prometheus' own" },
    ...{ telegram_bot_token: token, telegram_chat_id: '-1001' },
  };
  const monitored = plan({ airflow: false, modules: ['monitoring'] });
  const files = await containerFiles(monitored, secrets);
  expect(files['prometheus/prometheus.yml']).toContain('alertmanager:9093');
  expect(files['prometheus/alertmanager.password']).toBe("Prometheus' own");
  const holders = Object.keys(files).filter((file) => files[file]?.includes(token));
  expect(holders).toEqual(['prometheus/alertmanager.yml']);
  expect(files['prometheus/alertmanager.yml']).toMatch(
    /A problem on \{\{ template\s+"provehouse\.platform"/,
  );
  expect(files['prometheus/alertmanager-web.yml']).toMatch(/"monitoring":"\$2b\$10\$/);
  // Otherwise each start would make the container again.
  expect(await containerFiles(monitored, secrets)).toEqual(files);
});

test("Grafana's administrator is in files of its own, and Terraform has it as it is", async () => {
  const secrets = {
    ...{ ...generateSecrets(), monitoring_password: "Prometheus' own" },
    ...{ grafana_admin_username: 'root', grafana_admin_password: 'a ${HOME} of its own' },
  };
  const monitored = plan({ airflow: false, modules: ['monitoring'] });
  const files = await containerFiles(monitored, secrets);
  expect(files['grafana/admin.user']).toBe('root');
  const holders = Object.keys(files).filter((file) =>
    files[file]?.includes('a ${HOME} of its own'),
  );
  expect(holders).toEqual(['grafana/admin.password']);
  expect(Object.keys(files)).toContain('grafana/dashboards/provehouse-airflow.json');
  expect(variablesOf(monitored)).not.toHaveProperty('enable_grafana');
});

test('where its image cannot be had a platform goes without Grafana and keeps the rest of monitoring', async () => {
  const unavailable = { grafana: 'no registry has it', prometheus: 'nor this' };
  const without = plan({ airflow: false, modules: ['monitoring'], unavailable });
  // What a platform is of no use without is not left out.
  expect(components.leftOut(COMPONENTS, without)).toEqual({ grafana: 'no registry has it' });
  expect(without.ports).not.toHaveProperty('grafana');
  expect(without.ports).toHaveProperty('prometheus');
  const secrets = { ...generateSecrets(), monitoring_password: "Prometheus' own" };
  const files = Object.keys(await containerFiles(without, secrets));
  expect(files.filter((file) => file.startsWith('grafana/'))).toEqual([]);
  expect(files).toContain('prometheus/prometheus.yml');
  expect(variablesOf(without)).toMatchObject({ enable_grafana: false });
  const withPort = { ...without, ports: { ...without.ports, grafana: 3000 } };
  expect(variablesOf(withPort)).toMatchObject({ enable_grafana: false });
  expect(components.imagesUsed(COMPONENTS, without)).not.toContain('grafana');
});

test('where Airflow sends no metrics a platform goes without what takes them', () => {
  const unavailable = { statsd_exporter: 'Airflow lacks a package' };
  const without = plan({ modules: ['monitoring'], unavailable });
  expect(components.leftOut(COMPONENTS, without)).toEqual({
    'statsd-exporter': 'Airflow lacks a package',
  });
  expect(variablesOf(without)).toMatchObject({ enable_statsd_exporter: false });
  expect(components.imagesUsed(COMPONENTS, without)).not.toContain('statsd_exporter');
  const whole = plan({ modules: ['monitoring'] });
  expect(variablesOf(whole)).not.toHaveProperty('enable_statsd_exporter');
  expect(components.imagesUsed(COMPONENTS, whole)).toContain('statsd_exporter');
  const nodesOnly = plan({ airflow: false, modules: ['monitoring'], unavailable });
  expect(variablesOf(nodesOnly)).not.toHaveProperty('enable_statsd_exporter');
});

test('nothing is left out of a platform that does not ask for it', () => {
  const unavailable = { grafana: 'no registry has it' };
  expect(components.leftOut(COMPONENTS, plan({ unavailable }))).toEqual({});
  expect(components.leftOut(COMPONENTS, plan({ modules: ['monitoring'] }))).toEqual({});
});

test('without Airflow, Prometheus has no password of Flower', async () => {
  const secrets = { ...generateSecrets(), monitoring_password: "Prometheus' own" };
  const nodesOnly = plan({ airflow: false, modules: ['monitoring'] });
  const files = await containerFiles(nodesOnly, secrets);
  expect(files).not.toHaveProperty('prometheus/flower.password');
  expect(files['prometheus/prometheus.yml']).not.toContain('flower');
});

const SUPERSET_SECRETS = {
  superset_database_password: "a p@ssword/of: its'",
  superset_admin_password: 'what people log in with',
  superset_secret_key: 'the key of sessions',
};

test('Superset has its settings, its database by name, and the same scripts as a process', async () => {
  const secrets = { ...generateSecrets(), ...SUPERSET_SECRETS };
  const whole = plan({ airflow: false, modules: ['superset'] });
  const files = await containerFiles(whole, secrets);
  expect(JSON.parse(files['superset/environment.json'] ?? '')).toEqual({
    SUPERSET_HOME: '/app/superset_home',
    SUPERSET_SECRET_KEY: 'the key of sessions',
    SUPERSET_CONFIG_PATH: '/opt/provehouse/superset_config.py',
    SUPERSET__SQLALCHEMY_DATABASE_URI:
      "postgresql+psycopg2://superset:a%20p%40ssword%2Fof%3A%20its'@postgres:5432/superset",
  });
  expect(files['postgres/superset.password']).toBe(SUPERSET_SECRETS.superset_database_password);
  expect(files['superset/superset_config.py']).toContain('TALISMAN_CONFIG');
  // The server does not need it.
  const holders = Object.keys(files).filter((file) =>
    files[file]?.includes('what people log in with'),
  );
  expect(holders).toEqual(['superset/administrator.json']);
  // Otherwise each start would make the container again.
  expect(await containerFiles(whole, secrets)).toEqual(files);
});

test('a superset_config.py of one’s own takes the place of the platform’s', async () => {
  const own = join(import.meta.dirname, '../native/superset/gunicorn.conf.py');
  vi.stubEnv('SUPERSET_CONFIG_PATH', own);
  onTestFinished(() => void vi.unstubAllEnvs());
  const secrets = { ...generateSecrets(), ...SUPERSET_SECRETS };
  const files = await containerFiles(plan({ modules: ['superset'] }), secrets);
  expect(files['superset/superset_config.py']).toBe(files['superset/gunicorn.conf.py']);
});

const METABASE_SECRETS = {
  metabase_database_password: "a p@ssword/of: its'",
  metabase_admin_password: 'what people log in with',
  metabase_encryption_key: 'the key of what it keeps',
};

test('Metabase has two secrets as files, and its administrator none', async () => {
  const secrets = { ...generateSecrets(), ...METABASE_SECRETS };
  const whole = plan({ airflow: false, modules: ['metabase'] });
  const files = await containerFiles(whole, secrets);
  expect(files['metabase/database.password']).toBe(METABASE_SECRETS.metabase_database_password);
  expect(files['postgres/metabase.password']).toBe(METABASE_SECRETS.metabase_database_password);
  expect(files['metabase/encryption.key']).toBe('the key of what it keeps');
  expect(JSON.stringify(files)).not.toContain('what people log in with');
  expect(variablesOf(whole)).not.toHaveProperty('enable_metabase');
  expect(variablesOf(whole)).toMatchObject({ ports: { metabase: 3001, postgres: 5432 } });
});

test('where its image cannot be had a platform goes without Metabase and its database', async () => {
  const unavailable = { metabase: 'no registry has it' };
  const without = plan({ airflow: false, modules: ['metabase'], unavailable });
  expect(components.leftOut(COMPONENTS, without)).toEqual(unavailable);
  expect(variablesOf(without)).toMatchObject({ enable_metabase: false });
  expect(components.imagesUsed(COMPONENTS, without)).not.toContain('postgres');
  expect(components.secretsNeeded(COMPONENTS, without)).toEqual([]);
  const files = Object.keys(await containerFiles(without, generateSecrets()));
  expect(files.filter((file) => /^(metabase|postgres)\//.test(file))).toEqual([]);
});

test('without modules there is nothing of them, and nodes do not know of Kafka', async () => {
  const files = await containerFiles(plan(), generateSecrets());
  expect(
    Object.keys(files).filter((file) =>
      /^(kafka|api|minio|prometheus|superset|metabase)\//.test(file),
    ),
  ).toEqual([]);
  expect(files['clickhouse/clickhouse-01/config.xml']).not.toContain('kafka');
});

test('tables that read from Kafka find its collection when it is left out, as nodes would not start without', async () => {
  const files = await containerFiles(plan(), { ...generateSecrets(), ...MODULE_SECRETS });
  expect(files['clickhouse/clickhouse-01/config.xml']).toContain('<platform_kafka>');
  expect(files).not.toHaveProperty('kafka/server.properties');
});

test('secrets of modules are made with them', () => {
  const { modules } = plan({ modules: ['kafka', 'api'] });
  expect(components.secretsNeeded(COMPONENTS, plan({ modules }))).toEqual([
    ...['kafka_broker_password', 'kafka_password', 'kafka_clickhouse_password', 'api_token'],
  ]);

  expect(components.secretsNeeded(COMPONENTS, plan({ modules: ['metabase'] }))).toEqual(
    Object.keys(METABASE_SECRETS),
  );
  expect(components.secretsNeeded(COMPONENTS, plan({ modules: ['superset'] }))).toEqual(
    Object.keys(SUPERSET_SECRETS),
  );
  expect(components.secretsNeeded(COMPONENTS, plan())).toEqual([]);
});

test.each(
  Object.entries(FIELDS)
    .filter(([name, { readBy }]) => !('optional' in FIELDS[name as FieldName]) && readBy.length > 0)
    .map(([name]) => name),
)('%s reaches containers as a file, so that a new one makes them again', async (name) => {
  const secrets = { ...generateSecrets(), monitoring_password: "Prometheus' own" };
  const modules = name.startsWith('grafana') ? (['monitoring'] as const) : [];
  const whole = plan({ storage: 's3_ssd', modules: [...modules] });
  const before = await containerFiles(whole, secrets);
  const after = await containerFiles(whole, { ...secrets, [name]: 'x'.repeat(44) });
  const changed = Object.keys(before).filter((file) => before[file] !== after[file]);
  expect(changed).not.toEqual([]);
});

test('Terraform gets no secret', () => {
  const secrets = generateSecrets();
  const text = JSON.stringify(variablesOf(plan()));
  for (const password of passwords(secrets)) expect(text).not.toContain(password);
  expect(text).toContain('"config_folder":"/home/local/config"');
});

test('a component that only its descriptor knows has its port, its files and its module', async () => {
  const descriptors = [...COMPONENTS, toy];
  const shape = plan();
  const requests = components.publishedPorts(descriptors, shape);
  expect(requests.slice(components.publishedPorts(COMPONENTS, shape).length)).toEqual([
    { name: 'toy', preferred: 18_200 },
  ]);
  const whole = plan({ ports: { ...shape.ports, toy: 18_201 }, images: { airflow: 'own:1' } });
  const files = await components.containerFiles(descriptors, whole, generateSecrets());
  expect(files['toy/index.html']).toBe(GREETING);

  const request = { ...{ folder: stateFolder('/home', 'local'), name: 'local' }, plan: whole };
  // Terraform's root module has no such variable: what the module needs goes straight to it.
  expect(terraformVariables({ ...request, descriptors }, true)).toEqual(
    terraformVariables({ ...request, descriptors: COMPONENTS }, true),
  );
  const common = { platform: '${var.name}', config_folder: '${var.config_folder}' };
  const inputs = { ...common, running: '${var.running}', port: 18_201, image: 'own:1' };
  expect(calledModules({ ...request, descriptors })).toMatchObject([{ name: 'toy', inputs }]);
  expect(components.hasPage(descriptors, 'toy')).toBe(true);
});

test.each([
  ['that is no part', { storage: 's3_ssd' as const }],
  ['that an earlier version did not know', {}],
])('a module of a component %s keeps its volumes, and has no container', async (_, changes) => {
  const descriptors = [...COMPONENTS, toy];
  const request = {
    ...{ folder: stateFolder('/home', 'local'), name: 'local', descriptors },
    plan: plan(changes),
  };
  expect(calledModules(request)).toMatchObject([{ inputs: { running: false, port: 18_200 } }]);
  const files = await components.containerFiles(descriptors, request.plan, generateSecrets());
  expect(files).not.toHaveProperty('toy/index.html');
});

test.each([
  ['without Airflow', { airflow: false }, ['clickhouse', 'keeper']],
  [
    'a consumer alone',
    { airflow: false, consumers: ['superset'] },
    ['clickhouse', 'keeper', 'postgres'],
  ],
  ['nodes that cannot replicate', { airflow: false, keepers: 0 }, ['clickhouse']],
  [
    'the API without Airflow',
    { airflow: false, keepers: 0, modules: ['api'] },
    ['airflow', 'clickhouse'],
  ],
  [
    'monitoring',
    { airflow: false, keepers: 0, modules: ['monitoring'] },
    ['alertmanager', 'clickhouse', 'grafana', 'prometheus', 'verdict_exporter'],
  ],
  [
    'Superset without Airflow',
    { airflow: false, keepers: 0, modules: ['superset'] },
    ['clickhouse', 'postgres', 'superset'],
  ],
  [
    'everything',
    { storage: 's3_ssd', modules: ['kafka', 'storage', 'api'] },
    ['airflow', 'clickhouse', 'kafka', 'keeper', 'minio', 'postgres', 'redis'],
  ],
] satisfies [string, Partial<ContainerShape>, string[]][])(
  '%s uses no other image',
  (_, change, images) => {
    const platform: ContainerShape = {
      ...{ shards: 2, replicas: 2, keepers: 3, airflow: true, storage: 'local_ssd', consumers: [] },
      modules: [],
    };
    expect(components.imagesUsed(COMPONENTS, { ...platform, ...change }).toSorted()).toEqual(
      images,
    );
  },
);
