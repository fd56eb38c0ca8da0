import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import { firstOf, type Deployment } from '../deployment.ts';
import { cacheFolder } from '../cache-folder.ts';
import { askClusterSize, askVersion } from '../clickhouse-node.ts';
import { createTopology } from '../topology.ts';
import { accountSql, airflowComponents, askAccount, describeAirflow } from './airflow.ts';
import { EMBEDDED_CAPABILITIES, type AirflowOptions } from './airflow-options.ts';
import { airflowTemplate } from './airflow-template.ts';
import { clickhouseComponents, findEmbeddedEngine } from './clickhouse.ts';
import type { Component } from './component.ts';
import { memoize } from '../platform/memoize.ts';
import { nodesOf, portOf, type Plan } from './plan.ts';
import { askVersion as askPostgresVersion, postgresComponent } from './postgres.ts';
import type { Programs } from './programs.ts';
import type { StateFolder } from '../platform/state-folder.ts';
import { askVersion as askValkeyVersion, valkeyComponent } from './valkey.ts';

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
  const library = findEmbeddedEngine();
  const clickhouse = { folder, topology, nodes, secrets, python, library };
  const clickhouseNodes = clickhouseComponents(clickhouse);
  const around = plan.airflow ? assembleAirflow() : undefined;

  const components = [...(around?.components ?? []), ...clickhouseNodes];

  return {
    components,
    askWhole: () =>
      askClusterSize(firstOf(nodes), secrets, {
        cluster: topology.cluster,
        expected: nodes.length,
      }),
    async describe(name) {
      return {
        formatVersion: 1,
        name,
        runtime: 'native',
        engine: 'chdb',
        createdAt: new Date().toISOString(),
        clickhouse: {
          cluster: topology.cluster,
          database: topology.database,
          internalReplication: false,
          nodes,
          version: await askVersion(firstOf(nodes), secrets),
          capabilities: EMBEDDED_CAPABILITIES,
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
      ...{ folder, secrets, ports, topology, nodes, python },
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
