import type { AirflowOptions } from './airflow-options.ts';
import { AirflowRest, type AirflowConnection } from './airflow-rest.ts';

/** Airflow's REST API under the administrator's account. */
export const airflowApi = ({ ports, secrets }: AirflowOptions): AirflowRest =>
  new AirflowRest(`http://127.0.0.1:${ports.api}`, {
    username: secrets.airflow_admin_user,
    password: secrets.airflow_admin_password,
  });

/** The connections that REFERENCE names; the extra of ClickHouse's says what the cluster can do. */
export function connectionsOf(options: AirflowOptions): AirflowConnection[] {
  const { secrets, topology, nodes } = options;
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
        replication: 'distributed-writes',
        distributed_ddl: false,
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
export async function putConnections(options: AirflowOptions): Promise<void> {
  const api = airflowApi(options);
  await api.login();
  const connections = connectionsOf(options);
  await Promise.all(connections.map((connection) => api.putConnection(connection)));
  if (!connections.some(({ connection_id }) => connection_id === 'telegram_default')) {
    await api.deleteConnection('telegram_default');
  }
}
