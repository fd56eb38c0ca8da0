import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { airflowEnvironment } from '../airflow/environment.ts';
import { renderNodeConfig } from '../clickhouse-config.ts';
import { accountsOf, renderUsersConfig } from '../clickhouse-users.ts';
import { addressInside } from '../deployment.ts';
import { SESSION_TIMEOUT_MS } from '../native/engines/coordinated.ts';
import { quoteValkey } from '../native/valkey.ts';
import type { Consumer } from '../runtime.ts';
import { createTopology } from '../topology.ts';
import {
  containerNodes,
  INTERSERVER_PORT,
  keeperNames,
  publishedPort,
  type ContainerPlan,
} from './container-plan.ts';
import { KEEPER_PORTS, renderKeeperConfig } from '../keeper-config.ts';

/** Files for containers by their path in the configuration folder. */
export type ContainerFiles = Readonly<Record<string, string>>;

/** Everything that containers read at their start, secrets included. */
export async function containerFiles(
  plan: ContainerPlan,
  secrets: Secrets,
): Promise<ContainerFiles> {
  return {
    ...markFile(plan),
    ...nodeFiles(plan, secrets),
    ...keeperFiles(plan),
    ...storageFiles(plan, secrets),
    ...databaseFiles(plan, secrets),
    ...(plan.airflow ? { ...brokerFiles(secrets), ...(await airflowFiles(plan, secrets)) } : {}),
  };
}

/** What the files are for; Terraform refuses those for another storage. */
const markFile = ({ storage }: ContainerPlan): ContainerFiles => ({
  'rendered.json': `${JSON.stringify({ storage_type: storage })}\n`,
});

function nodeFiles(plan: ContainerPlan, secrets: Secrets): ContainerFiles {
  const topology = createTopology(plan);
  const nodes = containerNodes(plan).map((node) => ({ ...node, ...addressInside(node) }));
  const files = nodes.flatMap((node) => [
    [
      `clickhouse/${node.name}/config.xml`,
      renderNodeConfig({
        ...{ topology, nodes, node },
        internalReplication: plan.replication === 'keeper',
        clusterLogin: { secret: secrets.interserver_password },
        ...(plan.replication === 'keeper' && {
          coordination: {
            servers: keeperNames(plan.keepers).map((host) => ({ host, port: KEEPER_PORTS.client })),
            interserver: {
              ...{ host: node.name, port: INTERSERVER_PORT, user: secrets.interserver_user },
              password: secrets.interserver_password,
            },
            sessionTimeoutMs: SESSION_TIMEOUT_MS,
          },
        }),
        ...(plan.storage !== 'local_ssd' && {
          storage: {
            ...{ type: plan.storage, endpoint: 'http://minio:9000' },
            accessKey: secrets.minio_root_user,
            secretKey: secrets.minio_root_password,
          },
        }),
      }),
    ],
    [
      `clickhouse/${node.name}/users.xml`,
      renderUsersConfig(accountsOf(secrets), topology.database, {
        embedded: false,
        overImage: true,
      }),
    ],
    [`clickhouse/${node.name}/health.headers`, healthLogin(secrets)],
  ]);
  return Object.fromEntries(files);
}

/** Header of HTTP that logs the health check in as the reader; in Base64 every password survives it. */
const healthLogin = ({ bi_user_name, bi_user_password }: Secrets): string =>
  `Authorization: Basic ${Buffer.from(`${bi_user_name}:${bi_user_password}`).toString('base64')}\r\n`;

const keeperFiles = ({ keepers }: ContainerPlan): ContainerFiles => {
  const names = keeperNames(keepers);
  return Object.fromEntries(
    names.map((name) => [`keeper/${name}/keeper_config.xml`, renderKeeperConfig(names, name)]),
  );
};

/** MinIO takes one quote off each end of a value and reads the rest as it is, quotes included. */
const quoteMinio = (text: string): string => `'${text}'`;

const storageFiles = ({ storage }: ContainerPlan, secrets: Secrets): ContainerFiles =>
  storage === 'local_ssd'
    ? {}
    : {
        'minio/config.env':
          `MINIO_ROOT_USER=${quoteMinio(secrets.minio_root_user)}\n` +
          `MINIO_ROOT_PASSWORD=${quoteMinio(secrets.minio_root_password)}\n`,
      };

function databaseFiles({ airflow, consumers }: ContainerPlan, secrets: Secrets): ContainerFiles {
  if (!airflow && consumers.length === 0) return {};
  const passwords = [
    ...(airflow ? [['airflow', secrets.airflow_database_password] as const] : []),
    ...consumers.map((consumer) => [consumer, consumerPassword(secrets, consumer)] as const),
  ];
  return {
    'postgres/superuser.password': secrets.postgres_password,
    ...Object.fromEntries(
      passwords.map(([consumer, password]) => [`postgres/${consumer}.password`, password]),
    ),
  };
}

/** The password of a consumer's database. @throws RangeError when none was made for it */
function consumerPassword(secrets: Secrets, consumer: Consumer): string {
  const password = secrets[`${consumer}_database_password`];
  if (password === undefined) throw new RangeError(`${consumer} has no password yet`);
  return password;
}

const brokerFiles = (secrets: Secrets): ContainerFiles => ({
  'redis/password': secrets.redis_password,
  'redis/valkey.conf': [
    'bind 0.0.0.0',
    'port 6379',
    'dir /data',
    `requirepass ${quoteValkey(secrets.redis_password)}`,
    // Messages that Celery has accepted survive a restart of the broker.
    'appendonly yes',
    'save ""',
    '',
  ].join('\n'),
});

/** Scripts that Airflow's containers run, as they are in this package. */
const SCRIPTS = {
  'airflow/with_environment.py': '../native/with_environment.py',
  'airflow/migrate.py': 'migrate.py',
};

async function airflowFiles(plan: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const [first] = containerNodes(plan);
  if (first === undefined) throw new RangeError('a topology has one node at least');
  const inside = addressInside(first);
  const environment = airflowEnvironment({
    secrets,
    database: createTopology(plan).database,
    folders: {
      home: '/opt/airflow',
      dags: '/opt/airflow/dags',
      taskLogs: '/opt/airflow/logs',
      parserLogs: '/opt/airflow/logs/dag-processor',
    },
    places: {
      ...{ listenHost: '0.0.0.0', apiPort: 8080, flowerPort: 5555, schedulerHealthPort: 8974 },
      internalUrl: 'http://airflow-api-server:8080',
      url: `http://127.0.0.1:${publishedPort(plan, 'airflow')}`,
      postgres: { host: 'postgres', port: 5432 },
      redis: { host: 'redis', port: 6379 },
      clickhouse: { host: inside.host, port: inside.httpPort },
    },
  });
  const scripts = await Promise.all(
    Object.entries(SCRIPTS).map(async ([target, source]) => [
      target,
      await readFile(join(import.meta.dirname, source), 'utf8'),
    ]),
  );
  return {
    'airflow/environment.json': JSON.stringify(environment, null, 2),
    'airflow/administrator.json': JSON.stringify({
      username: secrets.airflow_admin_user,
      password: secrets.airflow_admin_password,
    }),
    ...Object.fromEntries(scripts),
  };
}
