import { readFile } from 'node:fs/promises';
import type { Secrets } from '@provehouse/secrets';
import type { ContainerPlan } from '../../docker/container-plan.ts';
import type { ContainerFiles, ContainerSide } from '../container-side.ts';
import { monitorOf } from './account.ts';
import { postgresAccountSql } from './postgres-account.ts';
import { QUERIES_FILE } from './postgres-exporter.ts';
import { watchesAirflow } from './watches-airflow.ts';

/** Where Prometheus finds it. */
export const POSTGRES_EXPORTER_INSIDE = 'postgres-exporter:9187';

/** PostgreSQL's exporter as one container, after a job that makes its account. */
export const postgresExporterContainer: ContainerSide = {
  isPart: watchesAirflow,
  images: ['postgres_exporter', 'postgres'],
  secrets: () => ['monitoring_password'],
  files,
};

async function files(_: ContainerPlan, secrets: Secrets): Promise<ContainerFiles> {
  const monitor = monitorOf(secrets);
  return {
    'prometheus/airflow-queries.yml': await readFile(QUERIES_FILE, 'utf8'),
    'prometheus/postgres.password': monitor.password,
    'prometheus/postgres-account.sql': `${postgresAccountSql(monitor)}\n`,
  };
}
