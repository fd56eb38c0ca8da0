import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { AirflowEnvironmentOptions } from '../airflow/environment.ts';
import { firstOf, type Capabilities, type ClickHouseNode } from '../deployment.ts';
import type { Topology } from '../topology.ts';
import type { StateFolder } from '../platform/state-folder.ts';

export interface AirflowPorts {
  readonly api: number;
  readonly flower: number;
  readonly schedulerHealth: number;
  readonly postgres: number;
  readonly redis: number;
}

/** What the Airflow of one platform is made from. */
export interface AirflowOptions {
  readonly folder: StateFolder;
  readonly secrets: Secrets;
  readonly ports: AirflowPorts;
  readonly dagsFolder: string;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  readonly python: string;
  /** What the ClickHouse nodes can do, once they serve. */
  readonly capabilities: () => Promise<Capabilities>;
  /** The `airflow` command. */
  readonly program: string;
}

/** The api-server's URL. */
export const airflowUrl = ({ ports }: Pick<AirflowOptions, 'ports'>): string =>
  `http://127.0.0.1:${ports.api}`;

/** Flower's URL. */
export const flowerUrl = ({ ports }: Pick<AirflowOptions, 'ports'>): string =>
  `http://127.0.0.1:${ports.flower}`;

/** Folders and addresses of an Airflow whose components are processes of this machine. */
export function environmentOptions(
  options: Omit<AirflowOptions, 'python' | 'program' | 'capabilities'>,
): AirflowEnvironmentOptions {
  const { folder, secrets, ports, dagsFolder, topology, nodes } = options;
  const first = firstOf(nodes);
  const host = '127.0.0.1';
  return {
    secrets,
    database: topology.database,
    folders: {
      home: join(folder.data, 'airflow'),
      dags: dagsFolder,
      taskLogs: folder.taskLogs,
      parserLogs: join(folder.logs, 'dag-processor'),
    },
    places: {
      listenHost: host,
      apiPort: ports.api,
      flowerPort: ports.flower,
      schedulerHealthPort: ports.schedulerHealth,
      internalUrl: airflowUrl(options),
      url: airflowUrl(options),
      postgres: { host, port: ports.postgres },
      redis: { host, port: ports.redis },
      clickhouse: { host: first.host, port: first.httpPort },
    },
  };
}
