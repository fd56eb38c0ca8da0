/** What a field's value is, which decides how it is made and what makes it wrong. */
export type FieldKind =
  | 'account-name'
  | 'email'
  | 'password'
  | 'fernet-key'
  | 'signing-key'
  | 'telegram-token'
  | 'telegram-chat'
  | 'url';

/** One field of the secrets file. */
export interface Field {
  readonly kind: FieldKind;
  /** What it gets when the file is generated; none for a value that has to be random or is optional. */
  readonly initial?: string;
  readonly optional?: true;
  /** Components that read the value when they start, and so have to be restarted after a change. */
  readonly readBy: readonly string[];
  /** Characters that cannot reach their destination, and why. */
  readonly unusable?: { readonly pattern: RegExp; readonly reason: string };
}

/** Airflow passes its settings through Python's `os.path.expandvars` and `expanduser`. */
const expandedByAirflow = {
  pattern: /\$|^~/,
  reason: 'Airflow expands "$name" and a leading "~" in its settings',
} as const;

/** Every field of the secrets file, in the order in which it is written. */
export const FIELDS = {
  super_user_name: {
    kind: 'account-name',
    initial: 'su',
    readBy: ['clickhouse', 'airflow'],
  },
  super_user_password: { kind: 'password', readBy: ['clickhouse', 'airflow'] },
  bi_user_name: {
    kind: 'account-name',
    initial: 'bi_user',
    readBy: ['clickhouse', 'superset', 'metabase'],
  },
  bi_user_password: { kind: 'password', readBy: ['clickhouse', 'superset', 'metabase'] },
  interserver_user: { kind: 'account-name', initial: 'interserver', readBy: ['clickhouse'] },
  interserver_password: { kind: 'password', readBy: ['clickhouse'] },
  minio_root_user: {
    kind: 'account-name',
    initial: 'minio_admin',
    readBy: ['minio', 'storage', 'clickhouse'],
  },
  minio_root_password: { kind: 'password', readBy: ['minio', 'storage', 'clickhouse'] },
  postgres_password: { kind: 'password', readBy: ['postgres'] },
  airflow_database_password: { kind: 'password', readBy: ['postgres', 'airflow'] },
  metabase_database_password: {
    kind: 'password',
    optional: true,
    readBy: ['postgres', 'metabase'],
  },
  metabase_admin_password: { kind: 'password', optional: true, readBy: ['metabase'] },
  metabase_encryption_key: { kind: 'signing-key', optional: true, readBy: ['metabase'] },
  superset_database_password: {
    kind: 'password',
    optional: true,
    readBy: ['postgres', 'superset'],
  },
  superset_admin_password: { kind: 'password', optional: true, readBy: ['superset'] },
  superset_secret_key: { kind: 'signing-key', optional: true, readBy: ['superset'] },
  redis_password: { kind: 'password', readBy: ['redis', 'airflow'] },
  kafka_broker_password: { kind: 'password', optional: true, readBy: ['kafka'] },
  kafka_password: { kind: 'password', optional: true, readBy: ['kafka', 'airflow'] },
  kafka_clickhouse_password: {
    kind: 'password',
    optional: true,
    readBy: ['kafka', 'clickhouse'],
  },
  api_token: { kind: 'password', optional: true, readBy: ['api', 'airflow'] },
  monitoring_password: {
    kind: 'password',
    optional: true,
    readBy: [
      'clickhouse',
      'redis',
      'prometheus',
      'alertmanager',
      'postgres-exporter',
      'redis-exporter',
    ],
  },
  airflow_admin_user: { kind: 'account-name', initial: 'admin', readBy: ['airflow'] },
  airflow_admin_password: { kind: 'password', readBy: ['airflow'] },
  airflow_fernet_key: { kind: 'fernet-key', readBy: ['airflow'] },
  airflow_fernet_key_previous: { kind: 'fernet-key', optional: true, readBy: ['airflow'] },
  airflow_jwt_secret: { kind: 'signing-key', readBy: ['airflow'], unusable: expandedByAirflow },
  airflow_api_secret_key: { kind: 'signing-key', readBy: ['airflow'], unusable: expandedByAirflow },
  flower_user: { kind: 'account-name', initial: 'flower', readBy: ['airflow'] },
  flower_password: {
    kind: 'password',
    readBy: ['airflow'],
    unusable: {
      pattern: /[$,]/,
      reason: 'Airflow expands "$name" in its settings, and Flower splits its accounts at commas',
    },
  },
  grafana_admin_username: { kind: 'account-name', initial: 'admin', readBy: ['grafana'] },
  grafana_admin_password: {
    kind: 'password',
    readBy: ['grafana'],
    unusable: { pattern: /^\s|\s$/, reason: 'Grafana takes away the space around it' },
  },
  grafana_admin_email: { kind: 'email', initial: 'admin@localhost', readBy: ['grafana'] },
  telegram_bot_token: {
    kind: 'telegram-token',
    optional: true,
    readBy: ['airflow', 'alertmanager'],
  },
  telegram_chat_id: {
    kind: 'telegram-chat',
    optional: true,
    readBy: ['airflow', 'alertmanager'],
  },
  telegram_api_url: { kind: 'url', optional: true, readBy: ['airflow', 'alertmanager'] },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof FIELDS;

type OptionalFieldName = {
  [Name in FieldName]: (typeof FIELDS)[Name] extends { readonly optional: true } ? Name : never;
}[FieldName];

export type RequiredFieldName = Exclude<FieldName, OptionalFieldName>;

/** All secrets and account names of one platform. */
export type Secrets = Readonly<Record<RequiredFieldName, string>> &
  Readonly<Partial<Record<OptionalFieldName, string>>>;

/** The fields by name, in order. */
export const fieldEntries = Object.entries(FIELDS) as readonly (readonly [FieldName, Field])[];

/** Whether a text is the name of a field. */
export const isFieldName = (name: string): name is FieldName => Object.hasOwn(FIELDS, name);
