import type { Secrets } from '@provehouse/secrets';
import type { Address } from '../clickhouse/config.ts';
import { TIME_ZONE } from '../system/time-zone.ts';
import { FAB_AUTH_MANAGER } from './auth-manager.ts';

/** Folders of Airflow where its components run. */
export interface AirflowFolders {
  readonly home: string;
  readonly dags: string;
  readonly taskLogs: string;
  /** What the DAG files say while they are parsed. */
  readonly parserLogs: string;
}

/** Where Airflow's parts listen, and where they find each other. */
export interface AirflowPlaces {
  /** Address on which they listen. */
  readonly listenHost: string;
  readonly apiPort: number;
  readonly flowerPort: number;
  readonly schedulerHealthPort: number;
  /** The api-server's URL for tasks and components. */
  readonly internalUrl: string;
  /** The api-server's URL for people. */
  readonly url: string;
  readonly postgres: Address;
  readonly redis: Address;
  /** HTTP address of the node that `clickhouse_default` leads to. */
  readonly clickhouse: Address;
}

export interface AirflowEnvironmentOptions {
  readonly secrets: Secrets;
  readonly folders: AirflowFolders;
  readonly places: AirflowPlaces;
  readonly database: string;
}

/** The URL of a service with its account, special characters encoded. */
export function serviceUrl(
  scheme: string,
  { user, password }: { readonly user: string; readonly password: string },
  { host, port }: Address,
  path: string,
): string {
  const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `${scheme}://${account}@${host}:${port}/${path}`;
}

/**
 * The environment that all Airflow components share.
 * Settings: https://airflow.apache.org/docs/apache-airflow/stable/configurations-ref.html
 */
export function airflowEnvironment(options: AirflowEnvironmentOptions): Record<string, string> {
  const { folders, secrets, places, database } = options;
  const account = { user: 'airflow', password: secrets.airflow_database_password };
  const metadata = serviceUrl('postgresql+psycopg2', account, places.postgres, 'airflow');
  const fernetKeys = [secrets.airflow_fernet_key, secrets.airflow_fernet_key_previous];
  const settings: Record<string, Record<string, string | number>> = {
    CORE: {
      EXECUTOR: 'CeleryExecutor',
      AUTH_MANAGER: FAB_AUTH_MANAGER,
      FERNET_KEY: fernetKeys.filter((key) => key !== undefined).join(','),
      EXECUTION_API_SERVER_URL: `${places.internalUrl}/execution/`,
      DAGS_FOLDER: folders.dags,
      LOAD_EXAMPLES: 'False',
      // Verification has each connection tried by its own hook.
      TEST_CONNECTION: 'Enabled',
      DEFAULT_TIMEZONE: TIME_ZONE.toLowerCase(),
      PARALLELISM: 8,
      // A changed DAG is shown as soon as it is parsed.
      MIN_SERIALIZED_DAG_UPDATE_INTERVAL: 2,
      // The default looks the name up in the DNS, which takes seconds on a machine without one.
      HOSTNAME_CALLABLE: 'socket.gethostname',
    },
    API: {
      HOST: places.listenHost,
      PORT: places.apiPort,
      BASE_URL: places.url,
      WORKERS: 1,
      SECRET_KEY: secrets.airflow_api_secret_key,
    },
    // The migrated database has the permissions already, and writing them again takes seconds.
    FAB: { UPDATE_FAB_PERMS: 'False' },
    API_AUTH: { JWT_SECRET: secrets.airflow_jwt_secret, JWT_ISSUER: 'provehouse' },
    DATABASE: { SQL_ALCHEMY_CONN: metadata, LOAD_DEFAULT_CONNECTIONS: 'False' },
    CELERY: {
      BROKER_URL: serviceUrl(
        'redis',
        { user: '', password: secrets.redis_password },
        places.redis,
        '0',
      ),
      RESULT_BACKEND: `db+${metadata}`,
      WORKER_CONCURRENCY: 2,
      FLOWER_HOST: places.listenHost,
      FLOWER_PORT: places.flowerPort,
      FLOWER_BASIC_AUTH: `${secrets.flower_user}:${secrets.flower_password}`,
    },
    // Flower gives up after one second, which on a busy machine is too soon.
    CELERY_BROKER_TRANSPORT_OPTIONS: { SOCKET_CONNECT_TIMEOUT: 10, SOCKET_TIMEOUT: 10 },
    SCHEDULER: {
      ENABLE_HEALTH_CHECK: 'True',
      SCHEDULER_HEALTH_CHECK_SERVER_HOST: places.listenHost,
      SCHEDULER_HEALTH_CHECK_SERVER_PORT: places.schedulerHealthPort,
      SCHEDULER_HEALTH_CHECK_THRESHOLD: 15,
      SCHEDULER_IDLE_SLEEP_TIME: 0.1,
      // A task whose worker was killed is tried again after half a minute, not after five.
      TASK_INSTANCE_HEARTBEAT_TIMEOUT: 30,
      TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL: 5,
    },
    TRIGGERER: { TRIGGERER_HEALTH_CHECK_THRESHOLD: 15 },
    DAG_PROCESSOR: {
      // A file that has changed is parsed whatever its interval, which is that of files that have not.
      REFRESH_INTERVAL: 2,
      MIN_FILE_PROCESS_INTERVAL: 30,
      BUNDLE_REFRESH_CHECK_INTERVAL: 1,
    },
    // With a heartbeat each second, a task outlives half a minute without the api-server.
    WORKERS: { MIN_HEARTBEAT_INTERVAL: 1, MAX_FAILED_HEARTBEATS: 25 },
    LOGGING: {
      BASE_LOG_FOLDER: folders.taskLogs,
      DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY: folders.parserLogs,
    },
  };
  const variables = Object.entries(settings).flatMap(([section, values]) =>
    Object.entries(values).map(
      ([name, value]) => [`AIRFLOW__${section}__${name}`, String(value)] as const,
    ),
  );
  return {
    ...Object.fromEntries(variables),
    AIRFLOW_HOME: folders.home,
    TZ: TIME_ZONE,
    CLICKHOUSE_HOST: places.clickhouse.host,
    CLICKHOUSE_PORT: String(places.clickhouse.port),
    CLICKHOUSE_USER: secrets.super_user_name,
    CLICKHOUSE_PASSWORD: secrets.super_user_password,
    CLICKHOUSE_DATABASE: database,
  };
}
