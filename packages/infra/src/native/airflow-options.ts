import type { Secrets } from '@provehouse/secrets';
import type { ClickHouseNode } from '../deployment.ts';
import type { Topology } from '../topology.ts';
import type { AirflowPorts } from './airflow-environment.ts';
import type { StateFolder } from './state-folder.ts';

/** What the Airflow of one platform is made from. */
export interface AirflowOptions {
  readonly folder: StateFolder;
  readonly secrets: Secrets;
  readonly ports: AirflowPorts;
  readonly dagsFolder: string;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  readonly python: string;
  /** The `airflow` command. */
  readonly program: string;
}
