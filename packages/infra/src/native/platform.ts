import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { DDL_QUEUE } from '../clickhouse/config.ts';
import { firstOf, type Deployment } from '../state/deployment.ts';
import { cacheFolder } from '../state/cache-folder.ts';
import {
  askCapabilities,
  askClusterSize,
  askVersion,
  createDatabaseOnCluster,
} from '../clickhouse/node.ts';
import { replicationNote } from '../clickhouse/replication-note.ts';
import { createTopology } from '../clickhouse/topology.ts';
import { accountSql, airflowComponents, askAccount, describeAirflow } from './airflow.ts';
import type { AirflowOptions } from './airflow-options.ts';
import { airflowTemplate } from './airflow-template.ts';
import { clickhouseComponents, type NodeEngine } from './clickhouse.ts';
import type { Component } from './component.ts';
import { chdbEngine, findEmbeddedEngine } from './engines/chdb.ts';
import { SESSION_TIMEOUT_MS } from '../clickhouse/coordination.ts';
import { untilQueueIsWatched } from '../clickhouse/ddl-queue.ts';
import { coordinationServers, coordinatorNames } from './engines/ensemble.ts';
import { serverEngine } from './engines/server.ts';
import { untilReady } from './start.ts';
import { memoize } from '../system/memoize.ts';
import { nodesOf, portOf, type Plan } from './plan.ts';
import { askVersion as askPostgresVersion, postgresComponent } from '../services/postgres.ts';
import type { Programs } from './programs.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { askVersion as askValkeyVersion, valkeyComponent } from '../services/valkey.ts';

/** The components of one platform and what can be said of it once they serve. */
export interface Platform {
  readonly components: readonly Component[];
  /** Rejects unless the first node reaches all nodes of the cluster. */
  askWhole(): Promise<void>;
  describe(name: string): Promise<Deployment>;
}

export interface PlatformOptions {
  readonly folder: StateFolder;
  readonly plan: Plan;
  readonly secrets: Secrets;
  readonly programs: Programs;
  readonly onMessage: (message: string) => void;
}

/** Puts a platform together from its plan, without starting anything. @throws EngineError */
export function assemble({
  folder,
  plan,
  secrets,
  programs,
  onMessage,
}: PlatformOptions): Platform {
  const topology = createTopology(plan);
  const nodes = nodesOf(plan);
  const { python } = programs;
  const { cluster, database } = topology;
  const { databaseEngine } = plan;
  const { coordination } = plan.engine;
  const engine = engineOf({ folder, plan, secrets, python });
  const clickhouseNodes = clickhouseComponents({
    ...{ folder, topology, nodes, secrets, engine, databaseEngine },
  });
  const capabilities = memoize(async () => {
    const first = clickhouseNodes.find(({ name }) => name === firstOf(nodes).name);
    // Airflow may be ready before them.
    if (first !== undefined) await untilReady(folder, first, AbortSignal.timeout(60_000));
    return askCapabilities(firstOf(nodes), secrets, database);
  });
  const around = plan.airflow ? assembleAirflow() : undefined;

  const components = [...(around?.components ?? []), ...clickhouseNodes];

  return {
    components,
    async askWhole() {
      const expected = nodes.length;
      if (coordination === undefined) {
        return askClusterSize(firstOf(nodes), secrets, { cluster, expected });
      }
      // Others may watch things in somebody else's ensemble.
      if (coordination.kind !== 'existing') {
        const servers = coordinationServers(coordination, (port) => portOf(plan, port));
        await untilQueueIsWatched(servers, expected);
      }
      return createDatabaseOnCluster(firstOf(nodes), secrets, {
        ...{ cluster, database, databaseEngine, expected },
      });
    },
    async describe(name) {
      return {
        formatVersion: 1,
        name,
        runtime: 'native',
        engine: plan.engine.name,
        createdAt: new Date().toISOString(),
        clickhouse: {
          ...{ cluster, database },
          internalReplication: coordination !== undefined,
          nodes,
          version: await askVersion(firstOf(nodes), secrets),
          capabilities: await capabilities(),
          ...noteOf(plan.engine),
          ...(coordination && {
            coordination: {
              kind: coordination.kind,
              servers: coordinationServers(coordination, (port) => portOf(plan, port)).map(
                (server, index) => ({
                  ...(coordination.kind !== 'existing' && {
                    name: coordinatorNames(coordination)[index],
                  }),
                  ...server,
                }),
              ),
              ddlQueue: DDL_QUEUE,
              sessionTimeoutMs: SESSION_TIMEOUT_MS,
            },
          }),
          users: { administrator: secrets.super_user_name, reader: secrets.bi_user_name },
        },
        ...(await around?.describe()),
        components: components.map(({ name: component, kind, address }) => ({
          name: component,
          kind,
          ...(address !== undefined && { address }),
          log: join(folder.logs, `${component}.log`),
        })),
        secretsFile: folder.secretsFile,
        logFolders: [folder.logs],
      };
    },
  };

  function assembleAirflow() {
    const ports = {
      api: portOf(plan, 'airflow'),
      flower: portOf(plan, 'flower'),
      schedulerHealth: portOf(plan, 'scheduler-health'),
      postgres: portOf(plan, 'postgres'),
      redis: portOf(plan, 'redis'),
    };
    const airflow: AirflowOptions = {
      ...{ folder, secrets, ports, topology, nodes, python, capabilities },
      dagsFolder: plan.dagsFolder,
      program: programs.airflow,
    };
    const account = memoize(() => askAccount(airflow));
    const postgres = {
      folder,
      secrets,
      programs: programs.postgres,
      port: ports.postgres,
      template: () =>
        airflowTemplate({
          python,
          programs: programs.postgres,
          lockFile: programs.lockFile,
          cache: cacheFolder(process.env),
          onBuild: () =>
            onMessage("Migrating Airflow's database; later starts take it from the cache."),
        }),
      airflowSql: async () => accountSql(secrets, (await account()).password_hash),
    };
    return {
      components: [
        postgresComponent(postgres),
        valkeyComponent({ folder, secrets, program: programs.valkey, port: ports.redis }),
        ...airflowComponents(airflow),
      ],
      async describe() {
        const [description, postgresVersion, redisVersion] = await Promise.all([
          account().then(({ flower_version }) => describeAirflow(airflow, flower_version)),
          askPostgresVersion(postgres),
          askValkeyVersion(ports.redis, secrets),
        ]);
        return {
          airflow: description,
          postgres: { host: '127.0.0.1', port: ports.postgres, version: postgresVersion },
          redis: { host: '127.0.0.1', port: ports.redis, version: redisVersion },
        };
      },
    };
  }
}

function noteOf(engine: Plan['engine']): { readonly replicationNote?: string } {
  if (engine.name === 'server') return {};
  const { coordination, withoutCoordination: reason } = engine;
  return {
    replicationNote: replicationNote(coordination ? 'keeper' : 'distributed-writes', reason),
  };
}

function engineOf({
  folder,
  plan,
  secrets,
  python,
}: Pick<PlatformOptions, 'folder' | 'plan' | 'secrets'> & { readonly python: string }): NodeEngine {
  const { engine } = plan;
  const shared = { folder, secrets, topology: createTopology(plan) };
  const ports = { portOf: (name: string) => portOf(plan, name) };
  return engine.name === 'chdb'
    ? chdbEngine({ ...shared, ...ports, engine, python, library: findEmbeddedEngine() })
    : serverEngine({ ...shared, ...ports, engine });
}
