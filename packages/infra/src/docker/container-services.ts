import { setTimeout as delay } from 'node:timers/promises';
import type { Secrets } from '@provehouse/secrets';
import { airflowApi, putConnections } from '../airflow/connections.ts';
import { DDL_QUEUE } from '../clickhouse-config.ts';
import {
  askCapabilities,
  askClusterSize,
  askName,
  askVersion,
  createDatabase,
  createDatabaseOnCluster,
} from '../clickhouse-node.ts';
import { firstOf, type Capabilities, type Deployment } from '../deployment.ts';
import { SESSION_TIMEOUT_MS } from '../native/engines/coordinated.ts';
import { untilQueueIsWatched } from '../native/engines/ensemble.ts';
import { askVersion as askPostgresVersion } from '../native/postgres.ts';
import { askVersion as askValkeyVersion } from '../native/valkey.ts';
import { replicationNote } from '../replication-note.ts';
import { createTopology } from '../topology.ts';
import {
  containerKeepers,
  containerNodes,
  publishedPort,
  type ContainerPlan,
} from './container-plan.ts';
import { containersOf, findContainer } from './containers.ts';
import { docker, EngineError } from './engine.ts';
import { proveStorage } from './storage-proof.ts';

const HOST = '127.0.0.1';
const PARSE_BUDGET_MS = 120_000;

/** What the containers of one platform serve. */
export interface ContainerServices {
  readonly name: string;
  readonly plan: ContainerPlan;
  readonly secrets: Secrets;
}

const airflowUrl = (plan: ContainerPlan): string =>
  `http://${HOST}:${publishedPort(plan, 'airflow')}`;

/**
 * Makes the database on each node, and Airflow's connections; proves what storage there is, and waits until
 * the cluster is whole and the DAG files are parsed. Safe to repeat. Gives what the nodes can do.
 * @throws ClickHouseNodeError, AirflowRestError, EngineError
 */
export async function provisionServices(
  { name, plan, secrets }: ContainerServices,
  signal: AbortSignal,
): Promise<Capabilities> {
  const topology = createTopology(plan);
  const nodes = containerNodes(plan);
  await Promise.all(
    nodes.map(async (node) => {
      await askName(node, secrets, signal);
      await createDatabase(node, secrets, topology.database);
    }),
  );
  await askWhole({ name, plan, secrets });
  const { storage } = plan;
  await Promise.all(nodes.map((node) => proveStorage({ name, storage, node, secrets })));
  const capabilities = await askCapabilities(firstOf(nodes), secrets, topology.database);
  if (capabilities.replication !== plan.replication) {
    throw new EngineError(
      `Expected nodes with replication by ${plan.replication}, found ${capabilities.replication}. ` +
        'Look whether the Keepers run: infra:status.',
    );
  }
  if (plan.airflow) {
    const api = airflowApi(airflowUrl(plan), secrets);
    await putConnections(api, { secrets, topology, nodes, capabilities });
    const { startedAt } = await findContainer(name, 'airflow-dag-processor');
    await untilParsed(() => api.hasParsedSince(startedAt), signal);
  }
  return capabilities;
}

/** Rejects unless statements, or else queries, of the first node reach all nodes. */
async function askWhole({ plan, secrets }: ContainerServices): Promise<void> {
  const { cluster, database } = createTopology(plan);
  const nodes = containerNodes(plan);
  const expected = nodes.length;
  const keepers = containerKeepers(plan);
  if (keepers.length === 0) return askClusterSize(firstOf(nodes), secrets, { cluster, expected });
  await untilQueueIsWatched(keepers, expected);
  await createDatabaseOnCluster(firstOf(nodes), secrets, {
    ...{ cluster, database, databaseEngine: 'atomic', expected },
  });
}

async function untilParsed(hasParsed: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PARSE_BUDGET_MS;
  while (!(await hasParsed())) {
    if (Date.now() > deadline) {
      throw new EngineError(
        `Expected the DAG files to be parsed within ${PARSE_BUDGET_MS / 1000} s; none was. ` +
          'See infra:logs airflow-dag-processor.',
      );
    }
    await delay(300, undefined, { signal });
  }
}

/** The parts of the deployment that are found by asking the services. */
export async function describeServices(
  { name, plan, secrets }: ContainerServices,
  capabilities: Capabilities,
): Promise<Pick<Deployment, 'clickhouse' | 'airflow' | 'postgres' | 'redis'>> {
  const topology = createTopology(plan);
  const nodes = containerNodes(plan);
  const clickhouse = {
    cluster: topology.cluster,
    database: topology.database,
    internalReplication: plan.replication === 'keeper',
    nodes,
    version: await askVersion(firstOf(nodes), secrets),
    capabilities,
    ...noteOf(plan),
    ...(plan.keepers > 0 && {
      coordination: {
        kind: 'keeper' as const,
        servers: containerKeepers(plan),
        ddlQueue: DDL_QUEUE,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
      },
    }),
    users: { administrator: secrets.super_user_name, reader: secrets.bi_user_name },
  };
  if (!plan.airflow) return { clickhouse };
  const [postgres, redis] = [publishedPort(plan, 'postgres'), publishedPort(plan, 'redis')];
  const [version, flowerVersion, postgresVersion, redisVersion] = await Promise.all([
    airflowApi(airflowUrl(plan), secrets).version(),
    flowerVersionOf(name),
    askPostgresVersion({ port: postgres, secrets }),
    askValkeyVersion(redis, secrets),
  ]);
  return {
    clickhouse,
    airflow: {
      url: airflowUrl(plan),
      user: secrets.airflow_admin_user,
      version,
      executor: 'CeleryExecutor',
      flower: {
        url: `http://${HOST}:${publishedPort(plan, 'flower')}`,
        user: secrets.flower_user,
        version: flowerVersion,
      },
      dagsFolder: plan.dagsFolder,
    },
    postgres: { host: HOST, port: postgres, version: postgresVersion },
    redis: { host: HOST, port: redis, version: redisVersion },
  };
}

const noteOf = ({
  engine,
  replication,
}: ContainerPlan): Pick<Deployment['clickhouse'], 'replicationNote'> =>
  engine === 'server'
    ? {}
    : {
        replicationNote: replicationNote(
          replication,
          "the image's label org.provehouse.replication says so",
        ),
      };

/** Flower does not report its version, so the installed package is asked. */
async function flowerVersionOf(name: string): Promise<string> {
  const { id } = await findContainer(name, 'airflow-flower');
  const script = 'import importlib.metadata as m; print(m.version("flower"))';
  return docker(['exec', id, 'python3', '-c', script]);
}

/** The components of the deployment. */
export async function describeContainers(name: string): Promise<Deployment['components']> {
  const containers = await containersOf(name);
  return containers
    .filter(({ job }) => !job)
    .map(({ component, kind, published, name: container }) => ({
      name: component,
      kind,
      ...(published[0] !== undefined && { address: published[0] }),
      container,
    }));
}
