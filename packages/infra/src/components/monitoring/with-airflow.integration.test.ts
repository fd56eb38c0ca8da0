import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'iovalkey';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { temporaryPlatform, type TemporaryPlatform } from '../../../test/temporary-platform.ts';
import { AIRFLOW_ROLE, query } from '../../services/postgres.ts';
import { TASK_QUEUE } from '../../services/valkey.ts';
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

    const prometheus = () => new PrometheusClient(deployment.monitoring?.url ?? '');
    const portOfPostgres = (): number => deployment.postgres?.port ?? 0;

    /** A client of Valkey, which ends with the test. */
    function valkey(login: { readonly username?: string; readonly password: string }): Redis {
      const { host = '', port = 0 } = deployment.redis ?? {};
      const client = new Redis({ ...{ host, port, ...login }, retryStrategy: () => null });
      onTestFinished(() => client.disconnect());
      return client;
    }

    test('a run that is due while no scheduler makes it is seen as late, and by its own DAG', async () => {
      const server = { port: portOfPostgres(), secrets: await platform.secrets() };
      const client = prometheus();
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

    test('its account sees how many tasks wait, and nothing else that is in Valkey', async () => {
      const { monitoring_password = '', redis_password } = await platform.secrets();
      // Without a worker the queue stays as it is.
      await platform.runtime.kill('airflow-worker');
      await valkey({ password: redis_password }).rpush(TASK_QUEUE, 'a task', 'another');
      const client = valkey({ username: MONITORING_ACCOUNT, password: monitoring_password });
      expect(await client.llen(TASK_QUEUE)).toBe(2);
      expect(await client.info()).toContain('connected_clients:');
      for (const [command, ...words] of [
        ['lrange', TASK_QUEUE, '0', '-1'],
        ['rpop', TASK_QUEUE],
        ['get', TASK_QUEUE],
        ['set', TASK_QUEUE, 'value'],
        ['llen', 'unacked'],
        ['type', 'unacked'],
        ['keys', '*'],
        ['scan', '0'],
        ['config', 'get', 'requirepass'],
        ['config', 'set', 'requirepass', 'another'],
        ['slowlog', 'get'],
        ['client', 'list'],
        ['acl', 'list'],
        ['eval', 'return 1', '0'],
        ['publish', 'channel', 'message'],
      ] as const) {
        await expect(client.call(command, ...words)).rejects.toThrow(/^NOPERM/);
      }
      const waiting = async () =>
        (await prometheus().query(`redis_key_size{key="${TASK_QUEUE}"}`)).map(({ value }) => value);
      await expect.poll(waiting).toEqual([2]);
    });

    test('its password is in no command and no log, and in a file that nobody else may read', async () => {
      const { monitoring_password: password = 'absent' } = await platform.secrets();
      const { directory } = platform.runtime;
      const texts = await Promise.all([
        ...(await platform.processes()).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')),
        ...['redis-exporter', 'redis', 'postgres-exporter'].map((name) =>
          readFile(join(directory, `logs/${name}.log`), 'utf8'),
        ),
      ]);
      expect(texts.join('\n')).toContain('--redis.password-file=');
      expect(texts.join('\n')).not.toContain(password);
      for (const file of ['prometheus/redis-passwords.json', 'redis/valkey.conf']) {
        expect((await stat(join(directory, 'config', file))).mode & 0o777).toBe(0o600);
      }
    });

    test('a Valkey that was killed is an alert, and none once it is back', async () => {
      // One that is pending: after how long it fires, the tests of the rules say.
      const alerts = async () =>
        (await prometheus().alerts()).flatMap(({ name }) => (name === 'ValkeyDown' ? [name] : []));
      expect(await alerts()).toEqual([]);
      await platform.runtime.kill('redis');
      await expect.poll(alerts).toEqual(['ValkeyDown']);
      await platform.runtime.start('redis');
      await expect.poll(alerts).toEqual([]);
    });
  },
);
