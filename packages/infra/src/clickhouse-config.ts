import { createHash } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';
import { XMLBuilder } from 'fast-xml-parser';
import { CURRENT_DIALECT, type ClickHouseDialect } from './clickhouse-dialect.ts';
import type { ClickHouseNode } from './deployment.ts';
import { renderStorage, type StorageConfig } from './clickhouse-storage.ts';
import type { Topology } from './topology.ts';

/** The accounts of a cluster: an administrator who may do everything, a reader who may only select. */
export interface ClickHouseAccounts {
  readonly administrator: { readonly name: string; readonly password: string };
  readonly reader: { readonly name: string; readonly password: string };
}

/** The accounts that the secrets name. */
export const accountsOf = (secrets: Secrets): ClickHouseAccounts => ({
  administrator: { name: secrets.super_user_name, password: secrets.super_user_password },
  reader: { name: secrets.bi_user_name, password: secrets.bi_user_password },
});

/** Where nodes keep the statements of `ON CLUSTER` in coordination. */
export const DDL_QUEUE = '/clickhouse/task_queue/ddl';

/** Where a node's peers, or its coordination, can be reached. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a node needs for tables that replicate themselves and for `ON CLUSTER`. */
export interface Coordination {
  /** Keepers or ZooKeepers. */
  readonly servers: readonly Address[];
  /** Where replicas fetch parts from this node, and the account that they show. */
  readonly interserver: Address & { readonly user: string; readonly password: string };
  /** Time after which coordination takes a silent node for gone; ClickHouse's default if absent. */
  readonly sessionTimeoutMs?: number;
}

/** What an image brings along, and a node without an image must be told. */
export interface StandaloneSettings {
  readonly listenHost: string;
  readonly dataFolder: string;
  readonly logFile: string;
  /** Errors alone; absent where all goes to one file. */
  readonly errorLogFile?: string;
  /** The users file. */
  readonly usersFile: string;
}

/**
 * How nodes log in at each other: by a secret that they share, under which a node passes on a query in
 * its user's name, or under an account.
 */
export type ClusterLogin =
  { readonly secret: string } | { readonly user: string; readonly password: string };

export interface NodeConfigOptions {
  readonly topology: Topology;
  /** All nodes of the topology with the addresses by which they reach each other. */
  readonly nodes: readonly ClickHouseNode[];
  readonly node: ClickHouseNode;
  /** Absent where the text is merged over the configuration of an image. */
  readonly standalone?: StandaloneSettings;
  /** True where tables replicate themselves; false where a Distributed table writes to every replica. */
  readonly internalReplication: boolean;
  readonly clusterLogin: ClusterLogin;
  readonly coordination?: Coordination;
  readonly storage?: StorageConfig;
  /** Today's unless given. */
  readonly dialect?: ClickHouseDialect;
}

const builder = new XMLBuilder({
  format: true,
  indentBy: '  ',
  suppressEmptyNode: true,
  ignoreAttributes: false,
});

/**
 * One node's configuration as XML.
 * Elements: https://clickhouse.com/docs/operations/server-configuration-parameters/settings
 */
export function renderNodeConfig(options: NodeConfigOptions): string {
  const { topology, nodes, node, standalone, coordination, storage } = options;
  const { clusterLogin, dialect = CURRENT_DIALECT } = options;
  const [secret, account] = 'secret' in clusterLogin ? [clusterLogin, {}] : [{}, clusterLogin];
  const shards = [...new Set(nodes.map(({ shard }) => shard))].sort();
  return builder.build({
    [dialect.rootElement]: {
      display_name: node.name,
      ...(standalone && renderStandalone(node, standalone)),
      default_profile: 'default',
      macros: { cluster: topology.cluster, shard: node.shard, replica: node.replica },
      remote_servers: {
        [topology.cluster]: {
          ...secret,
          shard: shards.map((shard) => ({
            internal_replication: options.internalReplication,
            replica: nodes
              .filter((candidate) => candidate.shard === shard)
              .sort((left, right) => left.replica.localeCompare(right.replica))
              .map(({ host, nativePort }) => ({
                ...{ host, port: nativePort },
                ...account,
              })),
          })),
        },
      },
      ...(coordination && renderCoordination(coordination)),
      ...(storage && renderStorage(storage, node.name)),
    },
  });
}

const renderStandalone = (node: ClickHouseNode, settings: StandaloneSettings) => ({
  path: `${settings.dataFolder}/`,
  tmp_path: `${settings.dataFolder}/tmp/`,
  user_files_path: `${settings.dataFolder}/user_files/`,
  format_schema_path: `${settings.dataFolder}/format_schemas/`,
  mark_cache_size: 268_435_456,
  logger: {
    level: 'information',
    log: settings.logFile,
    ...(settings.errorLogFile !== undefined && { errorlog: settings.errorLogFile }),
    console: 0,
    size: '50M',
    count: 2,
  },
  listen_host: settings.listenHost,
  http_port: node.httpPort,
  tcp_port: node.nativePort,
  users_config: settings.usersFile,
});

const renderCoordination = ({ servers, interserver, sessionTimeoutMs }: Coordination) => ({
  zookeeper: {
    node: servers.map(({ host, port }) => ({ host, port })),
    ...(sessionTimeoutMs !== undefined && { session_timeout_ms: sessionTimeoutMs }),
  },
  distributed_ddl: { path: DDL_QUEUE },
  interserver_http_host: interserver.host,
  interserver_http_port: interserver.port,
  interserver_http_credentials: { user: interserver.user, password: interserver.password },
});

/**
 * The embedded engine aborts when a connection that it reads from is reset. So no read is hedged, which
 * would drop the slower of two connections, and a slow machine gets time to connect.
 */
const PATIENT = {
  use_hedged_requests: 0,
  async_query_sending_for_remote: 0,
  connect_timeout_with_failover_ms: 10_000,
};

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export interface UsersConfigOptions {
  /** Whether the embedded engine reads it. */
  readonly embedded: boolean;
  /** Whether it is merged over an image's users, of which `default` is then removed. */
  readonly overImage?: boolean;
  /** Today's unless given. */
  readonly dialect?: ClickHouseDialect;
}

/**
 * The users of a node as XML; passwords appear only as SHA-256.
 *
 * `embedded` adds the `default` user that the embedded engine needs for its own session. That session
 * cannot give a password, and its address is a loopback one, so the user is shut for everybody else by
 * letting it have one session only: the engine's own, which is the first and never ends.
 * Elements: https://clickhouse.com/docs/operations/settings/settings-users
 */
export function renderUsersConfig(
  accounts: ClickHouseAccounts,
  database: string,
  { embedded, overImage = false, dialect = CURRENT_DIALECT }: UsersConfigOptions,
): string {
  const { rootElement, synchronousInserts, confinement } = dialect;
  const loopback = { ip: ['127.0.0.1', '::1'] };
  const everywhere = { ip: ['::/0'] };
  const networks = embedded ? loopback : everywhere;
  return builder.build({
    [rootElement]: {
      profiles: {
        default: { [synchronousInserts]: 1, ...(embedded && PATIENT) },
        reader: { readonly: 2, ...(embedded && PATIENT) },
        ...(embedded && {
          engine: { max_sessions_for_user: 1, max_concurrent_queries_for_user: 1 },
        }),
      },
      quotas: { default: '' },
      users: {
        ...(overImage && { default: { '@_remove': 'remove' } }),
        ...(embedded && {
          default: {
            password: '',
            networks: loopback,
            profile: 'engine',
            quota: 'default',
            grants: {
              query: ['GRANT SYSTEM LISTEN ON *.*', 'GRANT SELECT ON system.numbers'],
            },
          },
        }),
        [accounts.administrator.name]: {
          password_sha256_hex: sha256(accounts.administrator.password),
          networks,
          profile: 'default',
          quota: 'default',
          access_management: 1,
        },
        [accounts.reader.name]: {
          password_sha256_hex: sha256(accounts.reader.password),
          networks,
          profile: 'reader',
          quota: 'default',
          ...(confinement === 'grants'
            ? {
                grants: {
                  query: [
                    `GRANT SELECT, SHOW ON ${database}.*`,
                    'GRANT SELECT ON system.one',
                    'GRANT SELECT ON system.numbers',
                  ],
                },
              }
            : { allow_databases: { database } }),
        },
      },
    },
  });
}
