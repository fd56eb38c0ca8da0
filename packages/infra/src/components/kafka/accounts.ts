import type { FieldName, Secrets } from '@provehouse/secrets';

/** The account of tasks, which log in with SCRAM. */
export const TASKS_ACCOUNT = 'etl';

/** The broker's own account. */
export const BROKER_ACCOUNT = 'broker';

/** The account of ClickHouse's nodes. */
export const NODES_ACCOUNT = 'clickhouse';

/** The secrets that a platform with Kafka has besides the others. */
export const KAFKA_SECRETS = [
  'kafka_broker_password',
  'kafka_password',
  'kafka_clickhouse_password',
] as const satisfies readonly FieldName[];

/**
 * Whether nodes may have tables that read from Kafka. Without the collection that those name a node does not
 * start, so it stays when the module goes.
 */
export const mayHaveQueues = ({ kafka_clickhouse_password }: Secrets): boolean =>
  kafka_clickhouse_password !== undefined;
