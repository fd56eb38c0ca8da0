import type { StorageType } from './clickhouse/storage.ts';
import type { Deployment } from './state/deployment.ts';
import type { DatabaseEngine, EngineOptions } from './clickhouse/engine.ts';
import type { Images } from './docker/images.ts';

/** Options of `up`; everything has a default. */
export interface UpOptions extends EngineOptions {
  readonly shards?: number;
  readonly replicas?: number;
  /**
   * Parts to leave out, none where it is empty; without Airflow there is no Redis either, and PostgreSQL only with
   * a module that needs it.
   * Unless it is said, what was left out before.
   */
  readonly without?: readonly 'airflow'[];
  /** Modules to add, none where it is empty. Unless it is said, those that were there before. */
  readonly with?: readonly Module[];
  /** Ports by name (`airflow`, `clickhouse-01.http`, …) that are required. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Folder of the DAG files; this project's own by default. */
  readonly dagsFolder?: string;
  /** What the platform's database is. */
  readonly databaseEngine?: DatabaseEngine;
  /** Celery workers; containers only. */
  readonly workers?: number;
  /** Where nodes keep their data: in a bucket it is with the module storage. */
  readonly storage?: StorageType;
  /**
   * URL of a bucket that somebody else runs, which the module storage is then, or `none` for one of the
   * platform's own; processes only. Unless it is said, as it was before.
   */
  readonly storageEndpoint?: string;
  /** The keys of that bucket, which are kept among the secrets; those of the secrets by default. */
  readonly storageKeys?: { readonly accessKey: string; readonly secretKey: string };
  /** Images by what they serve, instead of those that are used otherwise; containers only. */
  readonly images?: Images;
  /** Who gets a database besides Airflow; containers only. */
  readonly consumers?: readonly Consumer[];
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** Whether a platform is to have Airflow: as it is said, else as it had before, else with it. */
export const withAirflow = (
  { without }: Pick<UpOptions, 'without'>,
  before: boolean | undefined,
): boolean => (without === undefined ? (before ?? true) : !without.includes('airflow'));

/** What a platform has only when it is asked for. */
export const MODULES = ['kafka', 'storage', 'api', 'monitoring', 'superset', 'metabase'] as const;

export type Module = (typeof MODULES)[number];

/** Those who may have a database in PostgreSQL besides Airflow. */
export const CONSUMERS = ['metabase', 'superset'] as const;

export type Consumer = (typeof CONSUMERS)[number];

/** Gets what a long step is doing, for people. */
export interface Progress {
  /** Something that people should know. */
  message(text: string): void;
  waiting(component: string): void;
  ready(component: string, seconds: number): void;
  /** A component that was waited for has been removed. */
  gone(component: string): void;
}

/** A progress that nobody looks at. */
export const silent: Progress = { message() {}, waiting() {}, ready() {}, gone() {} };

/** What can be said of one component at the moment. */
export interface ComponentStatus {
  readonly name: string;
  readonly kind: string;
  /** `ready`, `not answering`, `stopped`, `exited with code …`, `ended by a signal`, `not supervised`. */
  readonly state: string;
  /** Why it is not answering. */
  readonly reason?: string;
  readonly pid?: number;
  readonly address?: string;
  readonly url?: string;
  readonly uptimeSeconds?: number;
  /** Proportional set size of the process and all that it started. */
  readonly memoryBytes?: number;
}

/** What of a component's output is shown. */
export interface ShownLog {
  /** Lines from the end. */
  readonly lines: number;
  /** Whether to go on as it grows. */
  readonly follow: boolean;
}

/** Where a platform runs, and what can be done with it there. */
export interface Runtime {
  /** Folder of the platform's state. */
  readonly directory: string;
  /** Starts what does not run and waits until everything answers; repeating it changes nothing. */
  up(options?: UpOptions): Promise<Deployment>;
  /** Ends everything; `purge` removes the data and the logs as well. */
  down(options?: { readonly purge?: boolean; readonly progress?: Progress }): Promise<void>;
  status(): Promise<readonly ComponentStatus[]>;
  /** The components that the platform goes without although its options ask for them, and why. */
  leftOut?(): Promise<Readonly<Record<string, string>>>;
  /** What `up` with these options would change, for people; absent where nothing is planned ahead. */
  plan?(options: UpOptions, color: boolean): Promise<string>;
  /** The command that prints the component's output. */
  logCommand(component: string, shown: ShownLog): Promise<readonly string[]>;
  /** Starts one component and waits until it answers. */
  start(component: string): Promise<void>;
  /** Asks one component to stop and waits until it is gone. */
  stop(component: string): Promise<void>;
  /** Kills one component with everything it started, without asking. */
  kill(component: string): Promise<void>;
  /** Stops one component with everything it started from running, without ending it. */
  freeze(component: string): Promise<void>;
  /** Lets a frozen component run again; one that is not frozen is left alone. */
  thaw(component: string): Promise<void>;
  /** Folder of this machine in which a component keeps its data; absent where it is elsewhere. */
  dataFolder?(component: string): string;
  /** Stops and starts one component with the configuration that it had. */
  restart(component: string): Promise<void>;
  /** Stops everything and starts it as it was, with the secrets that there are now; the data stays. */
  restartAll(progress?: Progress): Promise<Deployment>;
}
