import type { Secrets } from '@provehouse/secrets';
import { addressInside, type Capabilities, type ClickHouseNode } from '../state/deployment.ts';
import type { Topology } from '../clickhouse/topology.ts';
import { AirflowRest, type AirflowConnection } from './rest.ts';

/** What Airflow's connections are made from. */
export interface ConnectionOptions {
  readonly secrets: Secrets;
  readonly topology: Topology;
  readonly nodes: readonly ClickHouseNode[];
  readonly capabilities: Omit<Capabilities, 'sqlUsers'>;
}

/** Airflow's REST API under the administrator's account. */
export const airflowApi = (url: string, secrets: Secrets): AirflowRest =>
  new AirflowRest(url, {
    username: secrets.airflow_admin_user,
    password: secrets.airflow_admin_password,
  });

/** The connections that REFERENCE names; the extra of ClickHouse's says what the cluster can do. */
export function connectionsOf(options: ConnectionOptions): AirflowConnection[] {
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
      extra: JSON.stringify({ 'bootstrap.servers': 'kafka:9092' }),
    },
    ...(secrets.telegram_bot_token === undefined
      ? []
      : [
          {
            connection_id: 'telegram_default',
            conn_type: 'telegram',
            password: secrets.telegram_bot_token,
          },
        ]),
  ];
}

/** Makes Airflow's connections what they must be. @throws AirflowRestError */
export async function putConnections(api: AirflowRest, options: ConnectionOptions): Promise<void> {
  await api.login();
  const connections = connectionsOf(options);
  await Promise.all(connections.map((connection) => api.putConnection(connection)));
  if (!connections.some(({ connection_id }) => connection_id === 'telegram_default')) {
    await api.deleteConnection('telegram_default');
  }
}
