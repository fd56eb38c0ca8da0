import { ProvehouseError } from '@provehouse/secrets';

/**
 * Where versions of ClickHouse need the same thing in different words. Everything that
 * depends on the version is here; nothing else asks for it.
 */
export interface ClickHouseDialect {
  /** Root of configuration files; `clickhouse` since 21.11 (https://github.com/ClickHouse/ClickHouse/pull/30358). */
  readonly rootElement: 'clickhouse' | 'yandex';
  /**
   * How nodes log in at each other: by a secret that they share (since 20.10), or with an account that is
   * named for each replica.
   */
  readonly clusterLogin: 'secret' | 'account';
  /** The setting by which an insert into a Distributed table ends only when every shard has its rows. */
  readonly synchronousInserts: 'distributed_foreground_insert' | 'insert_distributed_sync';
  /** How a user of the users file is confined: by grants (since 22.12), or to whole databases. */
  readonly confinement: 'grants' | 'databases';
  /** Whether Airflow's client, clickhouse-connect, can talk to it. */
  readonly airflowClient: boolean;
  /** Whether a disk can be a cache of a bucket (https://clickhouse.com/docs/whats-new/changelog/2022, 22.8). */
  readonly cachedBuckets: boolean;
  /** Whether it serves metrics over HTTP to an account that may see nothing else. */
  readonly metricsOverHttp: boolean;
}

/** Thrown for a text that is no version of ClickHouse. */
export class ClickHouseVersionError extends ProvehouseError {
  override readonly name = 'ClickHouseVersionError';
}

/**
 * The dialect of a version such as `26.7.3.1`.
 * @throws ClickHouseVersionError for another text
 */
export function dialectOf(version: string): ClickHouseDialect {
  const since = (year: number, month: number): boolean => isSince(version, year, month);
  return {
    rootElement: since(21, 11) ? 'clickhouse' : 'yandex',
    clusterLogin: since(20, 10) ? 'secret' : 'account',
    synchronousInserts: since(23, 11) ? 'distributed_foreground_insert' : 'insert_distributed_sync',
    confinement: since(22, 12) ? 'grants' : 'databases',
    airflowClient: since(20, 10),
    cachedBuckets: since(22, 8),
    // The account is confined by grants.
    metricsOverHttp: since(22, 12),
  };
}

/** Whether a server of this version has a Keeper in the same program, and says its version when asked. */
export const isModern = (version: string): boolean => isSince(version, 21, 11);

function isSince(version: string, year: number, month: number): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    throw new ClickHouseVersionError(
      `Expected a version of ClickHouse such as 26.7.3.1, found ${JSON.stringify(version)}.`,
    );
  }
  return Number(major) > year || (Number(major) === year && Number(minor) >= month);
}

/** The dialect of today's ClickHouse, of the embedded engine and of images. */
export const CURRENT_DIALECT = dialectOf('26.7');
