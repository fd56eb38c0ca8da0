import type { Deployment } from '@provehouse/infra';
import type { AirflowClient } from '@provehouse/infra/airflow';
import type { ObservedRun } from './airflow/observed-run.ts';
import type { Cluster } from './clickhouse/cluster.ts';
import type { Sampling } from './clickhouse/slices.ts';
import type { Contract } from './contract/contract.ts';
import type { Finding } from './verdict.ts';

/** What every check is given. */
export interface ClusterContext {
  readonly deployment: Deployment;
  readonly contract: Contract;
  readonly cluster: Cluster;
  readonly secrets: Readonly<Record<string, string>>;
  /** Rows that the run was asked to load; unknown when a cluster is verified without a run. */
  readonly expectedRows?: number;
  /** Facts of the run that rules refer to by name, such as `rows` or `as_of`. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** Whether CHECK TABLE may be given, which repairs; unless said, on this project's own platforms. */
  readonly checkParts?: boolean;
  /** How much of the content of large tables is judged; all unless it is said. */
  readonly sampling?: Sampling | undefined;
}

/** What checks of a whole platform are given besides, when there is no run yet. */
export interface RunlessContext extends ClusterContext {
  readonly airflow: AirflowClient;
}

/** The same with a run of the pipeline. */
export interface PlatformContext extends RunlessContext {
  readonly run: ObservedRun;
  /** How long a run of the pipeline may take; ten minutes unless it is said. */
  readonly runTimeoutSeconds?: number;
}

interface CheckDescription {
  /** Kebab-case and unique: `replica-content`. */
  readonly name: string;
  /** One line for people: what is verified. */
  readonly title: string;
  /** What a pass proves and what it does not. */
  readonly proves: string;
  /** Set where a failure means that rows are wrong or lost, which the report shows as critical. */
  readonly critical?: true;
  /** Set where it is about who gets in and what is secret. */
  readonly security?: true;
}

/** One fact verified on the ClickHouse nodes alone. */
export interface ClusterCheck extends CheckDescription {
  readonly scope: 'cluster';
  /** Set where no run of a pipeline changes what is judged: it is judged while one is under way. */
  readonly independentOfRun?: true;
  run(context: ClusterContext): Promise<readonly Finding[]>;
}

/** One fact that needs Airflow as well. */
export interface RunlessCheck extends CheckDescription {
  readonly scope: 'platform';
  readonly independentOfRun: true;
  run(context: RunlessContext): Promise<readonly Finding[]>;
}

/** One fact that needs a run of the pipeline. */
export interface PlatformCheck extends CheckDescription {
  readonly scope: 'platform';
  readonly independentOfRun?: never;
  run(context: PlatformContext): Promise<readonly Finding[]>;
}

export type Check = ClusterCheck | RunlessCheck | PlatformCheck;

/** Whether no run of a pipeline changes what a check judges. */
export const isIndependentOfRun = (check: Check): check is ClusterCheck | RunlessCheck =>
  check.independentOfRun ?? false;
