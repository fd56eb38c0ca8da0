import { join } from 'node:path';
import type { Secrets } from '@provehouse/secrets';
import type { ClickHouseNode } from '../deployment.ts';
import type { Topology } from '../topology.ts';
import { FAB_AUTH_MANAGER } from './airflow-template.ts';
import type { StateFolder } from './state-folder.ts';

export interface AirflowPorts {
  readonly api: number;
  readonly flower: number;
  readonly schedulerHealth: number;
  readonly postgres: number;
  readonly redis: number;
}

export interface AirflowEnvironmentOptions {
  readonly folder: StateFolder;
  readonly secrets: Secrets;
  readonly ports: AirflowPorts;
  readonly dagsFolder: string;
  readonly topology: Topology;
  readonly firstNode: ClickHouseNode;
}

/** The URL of a service with its account, special characters encoded. */
export function serviceUrl(
  scheme: string,
  { user, password }: { readonly user: string; readonly password: string },
  port: number,
  path: string,
): string {
  const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `${scheme}://${account}@127.0.0.1:${port}/${path}`;
}

/**
 * The environment that all Airflow components share.
 * Settings: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html
 */
export function airflowEnvironment(options: AirflowEnvironmentOptions): Record<string, string> {
  const { folder, secrets, ports, dagsFolder, topology, firstNode } = options;
  const account = { user: 'airflow', password: secrets.airflow_database_password };
  const database = serviceUrl('postgresql+psycopg2', account, ports.postgres, 'airflow');
  const api = `http://127.0.0.1:${ports.api}`;
  const fernetKeys = [secrets.airflow_fernet_key, secrets.airflow_fernet_key_previous];
  const settings: Record<string, Record<string, string | number>> = {
    CORE: {
      EXECUTOR: 'CeleryExecutor',
      AUTH_MANAGER: FAB_AUTH_MANAGER,
      FERNET_KEY: fernetKeys.filter((key) => key !== undefined).join(','),
      EXECUTION_API_SERVER_URL: `${api}/execution/`,
      DAGS_FOLDER: dagsFolder,
      LOAD_EXAMPLES: 'False',
      PARALLELISM: 8,
      // A changed DAG is shown as soon as it is parsed.
      MIN_SERIALIZED_DAG_UPDATE_INTERVAL: 2,
      // The default looks the name up in the DNS, which takes seconds on a machine without one.
      HOSTNAME_CALLABLE: 'socket.gethostname',
    },
    API: {
      HOST: '127.0.0.1',
      PORT: ports.api,
      BASE_URL: api,
      WORKERS: 1,
      SECRET_KEY: secrets.airflow_api_secret_key,
    },
    // The migrated database has the permissions already, and writing them again takes seconds.
    FAB: { UPDATE_FAB_PERMS: 'False' },
    API_AUTH: { JWT_SECRET: secrets.airflow_jwt_secret, JWT_ISSUER: 'provehouse' },
    DATABASE: { SQL_ALCHEMY_CONN: database, LOAD_DEFAULT_CONNECTIONS: 'False' },
    CELERY: {
      BROKER_URL: serviceUrl(
        'redis',
        { user: '', password: secrets.redis_password },
        ports.redis,
        '0',
      ),
      RESULT_BACKEND: `db+${database}`,
      WORKER_CONCURRENCY: 2,
      FLOWER_HOST: '127.0.0.1',
      FLOWER_PORT: ports.flower,
      FLOWER_BASIC_AUTH: `${secrets.flower_user}:${secrets.flower_password}`,
    },
    SCHEDULER: {
      ENABLE_HEALTH_CHECK: 'True',
      SCHEDULER_HEALTH_CHECK_SERVER_HOST: '127.0.0.1',
      SCHEDULER_HEALTH_CHECK_SERVER_PORT: ports.schedulerHealth,
      SCHEDULER_HEALTH_CHECK_THRESHOLD: 15,
      SCHEDULER_IDLE_SLEEP_TIME: 0.1,
    },
    TRIGGERER: { TRIGGERER_HEALTH_CHECK_THRESHOLD: 15 },
    DAG_PROCESSOR: {
      REFRESH_INTERVAL: 2,
      MIN_FILE_PROCESS_INTERVAL: 2,
      BUNDLE_REFRESH_CHECK_INTERVAL: 1,
    },
    WORKERS: { MIN_HEARTBEAT_INTERVAL: 1 },
    LOGGING: {
      BASE_LOG_FOLDER: folder.taskLogs,
      DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY: join(folder.logs, 'dag-processor'),
    },
  };
  const variables = Object.entries(settings).flatMap(([section, values]) =>
    Object.entries(values).map(
      ([name, value]) => [`AIRFLOW__${section}__${name}`, String(value)] as const,
    ),
  );
  return {
    ...Object.fromEntries(variables),
    AIRFLOW_HOME: join(folder.data, 'airflow'),
    CLICKHOUSE_HOST: firstNode.host,
    CLICKHOUSE_PORT: String(firstNode.httpPort),
    CLICKHOUSE_USER: secrets.super_user_name,
    CLICKHOUSE_PASSWORD: secrets.super_user_password,
    CLICKHOUSE_DATABASE: topology.database,
  };
}
