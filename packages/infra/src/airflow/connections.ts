import type { Secrets } from '@provehouse/secrets';
import { addressInside, type Capabilities, type ClickHouseNode } from '../state/deployment.ts';
import type { Topology } from '../clickhouse/topology.ts';
import type { BucketAccess } from '../services/bucket.ts';
import type { BucketPlace } from '../services/bucket-place.ts';
import type { ConnectionFields } from './airflow-answers.ts';
import { AirflowClient } from './airflow-client.ts';
import { FlowerClient } from './flower-client.ts';

/** Who starts is asked again and again: a call that hangs is given up. */
const TIMEOUT_MS = 10_000;

/** A broker as tasks reach it. */
export interface KafkaConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The API that pipelines load from, as tasks reach it. */
export interface ApiConnection {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

/** What Airflow's connections are made from. */
export interface ConnectionOptions {
  readonly secrets: Secrets;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  /** The broker that `kafka_default` leads to, if the platform has one. */
  readonly kafka?: KafkaConnection;
  /** The API that `api_default` leads to, if the platform has one. */
  readonly api?: ApiConnection;
  /** The bucket that `storage_default` leads to, if the platform has one. */
  readonly storage?: BucketAccess & Partial<Pick<BucketPlace, 'prefix'>>;
  readonly capabilities: Omit<Capabilities, 'sqlUsers'>;
}

/** Airflow's REST API under the administrator's account. */
export const airflowApi = (url: string, secrets: Secrets): AirflowClient =>
  new AirflowClient(
    url,
    { username: secrets.airflow_admin_user, password: secrets.airflow_admin_password },
    TIMEOUT_MS,
  );

/** Flower's API under its account. */
export const flowerApi = (url: string, secrets: Secrets): FlowerClient =>
  new FlowerClient(
    url,
    { username: secrets.flower_user, password: secrets.flower_password },
    TIMEOUT_MS,
  );

/** The connections that REFERENCE names; the extra of ClickHouse's says what the cluster can do. */
export function connectionsOf(options: ConnectionOptions): ConnectionFields[] {
  const { secrets, topology, capabilities } = options;
  const nodes = options.nodes.map((node) => ({ ...node, ...addressInside(node) }));
  const [first] = nodes;
  return [
    {
      connection_id: 'clickhouse_default',
      conn_type: 'clickhouse',
      host: first?.host ?? '',
      port: first?.httpPort ?? 0,
      login: secrets.super_user_name,
      password: secrets.super_user_password,
      schema: topology.database,
      extra: JSON.stringify({
        cluster: topology.cluster,
        replication: capabilities.replication,
        distributed_ddl: capabilities.distributedDdl,
        exchange_tables: capabilities.exchangeTables,
        replicated_database: capabilities.replicatedDatabase,
        nodes: nodes.map(({ name, host, httpPort, nativePort, shard, replica }) => ({
          ...{ name, host, port: httpPort, native_port: nativePort, shard, replica },
        })),
      }),
    },
    {
      connection_id: 'kafka_default',
      conn_type: 'kafka',
      extra: JSON.stringify(options.kafka ? kafkaExtra(options.kafka) : NO_KAFKA),
    },
    ...(options.api ? [apiConnection(options.api)] : []),
    ...(options.storage ? [storageConnection(options.storage)] : []),
    ...(secrets.telegram_bot_token === undefined
      ? []
      : [
          {
            connection_id: 'telegram_default',
            conn_type: 'telegram',
            password: secrets.telegram_bot_token,
            // As Airflow's own provider has it: the host is the chat.
            host: secrets.telegram_chat_id ?? '',
            ...(secrets.telegram_api_url !== undefined && {
              extra: JSON.stringify({ api: secrets.telegram_api_url }),
            }),
          },
        ]),
  ];
}

const apiConnection = ({ host, port, token }: ApiConnection): ConnectionFields => ({
  ...{ connection_id: 'api_default', conn_type: 'http', schema: 'http' },
  ...{ host, port, password: token },
});

/** https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/connections/aws.html */
const storageConnection = (
  bucket: NonNullable<ConnectionOptions['storage']>,
): ConnectionFields => ({
  ...{ connection_id: 'storage_default', conn_type: 'aws' },
  ...{ login: bucket.accessKey, password: bucket.secretKey },
  extra: JSON.stringify({
    endpoint_url: bucket.endpoint,
    region_name: bucket.region,
    // Servers of one's own know a bucket by its path.
    config_kwargs: { s3: { addressing_style: 'path' } },
    service_config: {
      s3: { bucket_name: bucket.bucket, ...(bucket.prefix && { prefix: bucket.prefix }) },
    },
  }),
});

/** Those that a platform has for something which it may lack. */
const OPTIONAL = ['api_default', 'storage_default', 'telegram_default'] as const;

/** Where teams have it. */
const NO_KAFKA = { 'bootstrap.servers': 'kafka:9092' };

/** Settings of librdkafka: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md */
const kafkaExtra = ({ host, port, user, password }: KafkaConnection) => ({
  'bootstrap.servers': `${host}:${port}`,
  'security.protocol': 'SASL_PLAINTEXT',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.username': user,
  'sasl.password': password,
});

/** Makes Airflow's connections what they must be. @throws AirflowError */
export async function putConnections(
  api: AirflowClient,
  options: ConnectionOptions,
): Promise<void> {
  await api.login();
  const connections = connectionsOf(options);
  await Promise.all(connections.map((connection) => api.putConnection(connection)));
  const made = new Set(connections.map(({ connection_id }) => connection_id));
  const gone = OPTIONAL.filter((id) => !made.has(id));
  await Promise.all(gone.map((id) => api.deleteConnection(id)));
}
