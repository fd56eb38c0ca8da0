import type { ContainerSide } from '../container-side.ts';
import { monitorOf } from './account.ts';
import { redisPasswords } from './redis-exporter.ts';
import { watchesAirflow } from './watches-airflow.ts';

/** Where Prometheus finds it. */
export const REDIS_EXPORTER_INSIDE = 'redis-exporter:9121';

/** Where it finds Valkey; Terraform's module has it, too. */
const VALKEY_INSIDE = 'redis:6379';

/** Valkey's exporter as one container. */
export const redisExporterContainer: ContainerSide = {
  isPart: watchesAirflow,
  images: ['redis_exporter'],
  secrets: () => ['monitoring_password'],
  files: (_, secrets) => ({
    'prometheus/redis-passwords.json': redisPasswords(VALKEY_INSIDE, monitorOf(secrets)),
  }),
};
