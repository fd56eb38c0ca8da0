import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryPlatform, type TemporaryPlatform } from '../../../test/temporary-platform.ts';
import { AIRFLOW_ROLE, query } from '../../services/postgres.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import type { Deployment } from '../../state/deployment.ts';
import { MONITORING_ACCOUNT } from './account.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { findMonitoring } from './programs.ts';

const places = { environment: process.env, cache: cacheFolder(process.env) };
const DAG = 'quality_report';
const small = { shards: 1, replicas: 1, replication: 'distributed-writes' } as const;

describe.skipIf((await findMonitoring(places)) === undefined)(
  'Airflow with monitoring (skipped without Prometheus)',
  () => {
    let platform: TemporaryPlatform;
    let deployment: Deployment;
    beforeAll(async () => {
      platform = await temporaryPlatform('late');
      deployment = await platform.runtime.up({ ...small, with: ['monitoring'] });
    });
    afterAll(() => platform[Symbol.asyncDispose]());

    const portOfPostgres = (): number => deployment.postgres?.port ?? 0;

    test('a run that is due while no scheduler makes it is seen as late, and by its own DAG', async () => {
      const server = { port: portOfPostgres(), secrets: await platform.secrets() };
      const client = new PrometheusClient(deployment.monitoring?.url ?? '');
      const overdue = async (): Promise<number | undefined> => {
        const figures = await client.query('airflow_dag_overdue_seconds');
        return figures.find(({ labels }) => labels['dag_id'] === DAG)?.value;
      };
      await expect
        .poll(async () => (await client.query('pg_up')).map(({ value }) => value))
        .toEqual([1]);
      const known = () =>
        query(server, AIRFLOW_ROLE, `SELECT FROM dag WHERE dag_id = '${DAG}' AND NOT is_stale`);
      await expect.poll(known, { timeout: 30_000 }).toHaveLength(1);
      await platform.runtime.stop('airflow-scheduler');
      await query(
        server,
        AIRFLOW_ROLE,
        `UPDATE dag SET is_paused = false, next_dagrun_create_after = now() - interval '1 hour' WHERE dag_id = '${DAG}'`,
      );
      await expect.poll(overdue, { timeout: 30_000 }).toBeGreaterThan(3599);
      expect((await client.alerts()).map(({ name }) => name)).not.toContain('PostgresDown');
    });

    test('its account sees when runs are due, and nothing else of Airflow', async () => {
      const secrets = await platform.secrets();
      const { monitoring_password: password } = secrets;
      // As a platform with Superset has it.
      const closed = `REVOKE CONNECT ON DATABASE ${AIRFLOW_ROLE} FROM PUBLIC`;
      await query({ port: portOfPostgres(), secrets }, AIRFLOW_ROLE, closed);
      const client = new pg.Client({
        ...{ host: '127.0.0.1', port: portOfPostgres(), database: AIRFLOW_ROLE },
        ...{ user: MONITORING_ACCOUNT, password },
      });
      await client.connect();
      try {
        expect((await client.query('SELECT dag_id FROM dag')).rowCount).toBeGreaterThan(0);
        for (const refused of [
          'SELECT * FROM dag',
          'SELECT conf FROM dag_run',
          'SELECT * FROM connection',
          'UPDATE dag SET is_paused = true',
        ]) {
          await expect(client.query(refused)).rejects.toThrow(/permission denied/);
        }
      } finally {
        await client.end();
      }
    });
  },
);
