import { CURRENT_DIALECT, type ClickHouseDialect } from './dialect.ts';
import type { ClickHouseNode } from '../state/deployment.ts';
import {
  BACKUPS_COLLECTION,
  mergeTreeOf,
  renderBackups,
  renderStorage,
  type BucketLogin,
  type StorageConfig,
} from './storage.ts';
import { renderMetrics } from './metrics.ts';
import { TIME_ZONE } from '../system/time-zone.ts';
import type { Topology } from './topology.ts';
import { xml } from './xml.ts';

/** Where nodes keep the statements of `ON CLUSTER` in coordination. */
export const DDL_QUEUE = '/clickhouse/task_queue/ddl';
/** Where the nodes that execute them register. */
const DDL_REPLICAS = '/clickhouse/task_queue/replicas';

/**
 * Parts that a merge has replaced stay for eight minutes, as on any server. The embedded engine's own
 * default removes them at once: then rows are lost when a node is killed before it has committed the
 * merge, and starts again without coordination (docs/embedded-replication.md).
 */
const KEEP_OLD_PARTS = { old_parts_lifetime: 480 };

/** The embedded engine's own pools are sized for the queries of one user, not for replicas. */
const EMBEDDED_POOLS = {
  background_schedule_pool_size: 32,
  background_fetches_pool_size: 8,
  background_common_pool_size: 4,
};

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

/** What an image configures, and a node without an image needs in its configuration. */
export interface StandaloneSettings {
  /** Where it listens; the embedded engine serves queries at the first and its peers at the second. */
  readonly listenHosts: readonly string[];
  readonly dataFolder: string;
  readonly logFile: string;
  /** Errors alone; absent where all goes to one file. */
  readonly errorLogFile?: string;
  /** The users file. */
  readonly usersFile: string;
  /** Whether the embedded engine reads it. */
  readonly embedded?: boolean;
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
  /** Where Kafka is, for tables of its engine that name the collection `platform_kafka`. */
  readonly kafka?: KafkaLogin;
  /** Where backups go, for statements that name the collection `platform_backups`. */
  readonly backups?: BucketLogin;
  /** A bucket with files, for `s3(platform_bucket, filename = …)`. */
  readonly bucket?: BucketLogin;
  /** Whether it serves metrics to Prometheus. */
  readonly metrics?: boolean;
  /** Today's unless given. */
  readonly dialect?: ClickHouseDialect;
}

/** How nodes log in at Kafka. */
export interface KafkaLogin {
  /** `host:port` of its brokers, with commas between them. */
  readonly brokers: string;
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-512';
  readonly user: string;
  readonly password: string;
}

/**
 * One node's configuration as XML.
 * Elements: https://clickhouse.com/docs/operations/server-configuration-parameters/settings
 */
export function renderNodeConfig(options: NodeConfigOptions): string {
  const { topology, nodes, node, standalone, coordination, storage } = options;
  const { kafka, bucket, backups, metrics = false } = options;
  const { clusterLogin, dialect = CURRENT_DIALECT } = options;
  const [secret, account] = 'secret' in clusterLogin ? [clusterLogin, {}] : [{}, clusterLogin];
  const shards = [...new Set(nodes.map(({ shard }) => shard))].sort();
  return xml.build({
    [dialect.rootElement]: {
      display_name: node.name,
      // The embedded engine goes by its process's environment instead.
      timezone: TIME_ZONE,
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
      ...(metrics && renderMetrics()),
      ...(storage && renderStorage(storage, node.name)),
      ...((kafka ?? bucket ?? backups) && {
        named_collections: {
          ...(kafka && { platform_kafka: renderKafka(kafka) }),
          ...(bucket && { platform_bucket: renderBucket(bucket) }),
          ...(backups && { [BACKUPS_COLLECTION]: renderBackups(backups) }),
        },
      }),
      // What a node that was killed was reading is given to others after ten seconds, not after 45.
      ...(kafka && { kafka: { session_timeout_ms: 10_000 } }),
      merge_tree: { ...KEEP_OLD_PARTS, ...(storage && mergeTreeOf(storage)) },
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
  listen_host: settings.listenHosts,
  http_port: node.httpPort,
  tcp_port: node.nativePort,
  users_config: settings.usersFile,
  ...(settings.embedded && EMBEDDED_POOLS),
});

/** Settings of tables: https://clickhouse.com/docs/engines/table-engines/integrations/kafka */
const renderKafka = ({ brokers, mechanism, user, password }: KafkaLogin) => ({
  kafka_broker_list: brokers,
  kafka_security_protocol: 'SASL_PLAINTEXT',
  kafka_sasl_mechanism: mechanism,
  kafka_sasl_username: user,
  kafka_sasl_password: password,
});

/**
 * A query names a file of the bucket and can change nothing else: the keys sign for no other server.
 * Keys: https://clickhouse.com/docs/operations/named-collections
 */
const renderBucket = ({ url, accessKey, secretKey }: BucketLogin) => {
  const fixed = (text: string) => ({ '#text': text, '@_overridable': 'false' });
  return {
    url: fixed(`${url}/`),
    access_key_id: fixed(accessKey),
    secret_access_key: fixed(secretKey),
  };
};

const renderCoordination = ({ servers, interserver, sessionTimeoutMs }: Coordination) => ({
  zookeeper: {
    node: servers.map(({ host, port }) => ({ host, port })),
    ...(sessionTimeoutMs !== undefined && { session_timeout_ms: sessionTimeoutMs }),
  },
  distributed_ddl: { path: DDL_QUEUE, replicas_path: DDL_REPLICAS },
  interserver_http_host: interserver.host,
  interserver_http_port: interserver.port,
  interserver_http_credentials: { user: interserver.user, password: interserver.password },
});
