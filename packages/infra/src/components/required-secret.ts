import type { Secrets } from '@provehouse/secrets';
import { PlatformStateError } from '../state/state-error.ts';

/** The secrets that a platform has for one of its modules alone, and how that is called. */
const MADE_FOR = {
  kafka_broker_password: 'Kafka',
  kafka_password: 'Kafka',
  kafka_clickhouse_password: 'Kafka',
  api_token: 'the API',
  monitoring_password: 'monitoring',
  superset_database_password: 'Superset',
  superset_admin_password: 'Superset',
  superset_secret_key: 'Superset',
  metabase_database_password: 'Metabase',
  metabase_admin_password: 'Metabase',
  metabase_encryption_key: 'Metabase',
} as const;

/** A secret that was made because the platform has a module. @throws PlatformStateError where it is gone */
export function requiredSecret(secrets: Secrets, field: keyof typeof MADE_FOR): string {
  const secret = secrets[field];
  if (secret !== undefined) return secret;
  throw new PlatformStateError(
    `Expected ${field} in the platform's secrets, because it has ${MADE_FOR[field]}; found none. Run infra:up, which makes it.`,
  );
}
