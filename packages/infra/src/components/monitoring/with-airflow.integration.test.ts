import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Redis } from 'iovalkey';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ask } from '../../../test/ask.ts';
import { temporaryPlatform, type TemporaryPlatform } from '../../../test/temporary-platform.ts';
import { connectAirflow, type DagRun } from '../../airflow/index.ts';
import { AIRFLOW_ROLE, query } from '../../services/postgres.ts';
import { TASK_QUEUE } from '../../services/valkey.ts';
import { cacheFolder } from '../../state/cache-folder.ts';
import type { Deployment } from '../../state/deployment.ts';
import { memoize } from '../../system/memoize.ts';
import { MONITORING_ACCOUNT } from './account.ts';
import { PrometheusClient } from './prometheus-client.ts';
import { findMonitoring } from './programs.ts';

const places = { environment: process.env, cache: cacheFolder(process.env) };
const DAG = 'quality_report';
const PIPELINE = 'hw16_data_loading_pipeline';
const small = { shards: 1, replicas: 1, replication: 'keeper', coordinators: 1 } as const;

const DASHBOARDS = resolve(import.meta.dirname, '../../../grafana');
const dashboardSchema = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});

/** What a watch leaves for Prometheus after a verification. */
const VERDICTS = `
provehouse_check_status{deployment="dwh",check="macros",status="passed"} 1
provehouse_check_status{deployment="dwh",check="macros",status="failed"} 0
provehouse_table_rows{deployment="dwh",node="clickhouse-01",table="otus_default.hw16"} 100
provehouse_run_duration_seconds{deployment="dwh"} 7.5
provehouse_run_timestamp_seconds{deployment="dwh"} ${Date.now() / 1000}
`;

/** What each panel of Grafana's dashboards asks, as Grafana would ask for a minute. */
async function panelQueries(): Promise<{ readonly panel: string; readonly expr: string }[]> {
  const files = await readdir(DASHBOARDS);
  const texts = await Promise.all(files.map((file) => readFile(join(DASHBOARDS, file), 'utf8')));
  return texts.flatMap((text) =>
    dashboardSchema.parse(JSON.parse(text)).panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({
        panel: title,
        expr: expr.replaceAll('$__rate_interval', '1m'),
      })),
    ),
  );
}

/** Whether a query is about what Airflow sends itself. */
const isOwn = (expr: string): boolean =>
  /\bairflow_(?!dag_overdue_seconds|dag_run_oldest_seconds)/.test(expr);

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

    /** Leaves a row that waits for another node. */
    async function queueRows(): Promise<void> {
      const { super_user_name: user, super_user_password: password } = await platform.secrets();
      const { httpPort = 0 } = deployment.clickhouse.nodes[0] ?? {};
      for (const statement of [
        'CREATE TABLE otus_default.l (id UInt64) ENGINE = MergeTree ORDER BY id',
        'CREATE TABLE otus_default.d AS otus_default.l ENGINE = Distributed(dwh_test, otus_default, l, id)',
        'SYSTEM STOP DISTRIBUTED SENDS otus_default.d',
        'INSERT INTO otus_default.d SETTINGS distributed_foreground_insert = 0, prefer_localhost_replica = 0 VALUES (1)',
      ]) {
        expect(await ask(httpPort, { user, password }, statement)).toBe('');
      }
    }

    const airflowOf = async () => connectAirflow(deployment, await platform.secrets());

    /** A run of the pipeline that has succeeded: the first of the platform. */
    const finishedRun = memoize(async (): Promise<DagRun> => {
      const airflow = await airflowOf();
      await expect
        .poll(() => airflow.dag(PIPELINE), { timeout: 30_000 })
        .toMatchObject({ stale: false });
      await airflow.unpause(PIPELINE);
      const { runId } = await airflow.trigger(PIPELINE, { rows: 100 });
      const run = () => airflow.run(PIPELINE, runId);
      await expect.poll(run, { timeout: 60_000 }).toMatchObject({ state: 'success' });
      return run();
    });

    /** Whether Prometheus sees Airflow's own metrics; a test of them is skipped where it cannot. */
    const seesAirflow = (): boolean => deployment.monitoring?.unscraped === undefined;

    const alertsOf = async (...names: string[]): Promise<string[]> =>
      (await prometheus().alerts())
        .flatMap(({ name, labels }) =>
          names.includes(name) ? [labels['process'] ?? labels['component'] ?? ''] : [],
        )
        .toSorted();

    /** A client of Valkey, which ends with the test. */
    function valkey(login: { readonly username?: string; readonly password: string }): Redis {
      const { host = '', port = 0 } = deployment.redis ?? {};
      const client = new Redis({ ...{ host, port, ...login }, retryStrategy: () => null });
      onTestFinished(() => client.disconnect());
      return client;
    }

    test('what Airflow counts of a run is what its API says of it', async ({ skip }) => {
      skip(!seesAirflow(), 'there is no StatsD exporter');
      const { runId, startedAt, endedAt } = await finishedRun();
      const tasks = await (await airflowOf()).taskInstances(PIPELINE, runId);
      const succeeded = tasks.flatMap(({ taskId, state }) => (state === 'success' ? [taskId] : []));
      expect(succeeded.length).toBeGreaterThan(1);
      const client = prometheus();
      const counted = async (): Promise<string[]> => {
        const figures = await client.query(
          `airflow_ti_finish{dag_id="${PIPELINE}", state="success"} == 1`,
        );
        return figures.map(({ labels }) => labels['task_id'] ?? '').toSorted();
      };
      await expect.poll(counted, { timeout: 20_000 }).toEqual(succeeded.toSorted());
      const seconds = async (): Promise<number[]> =>
        (
          await client.query(
            `airflow_dagrun_duration_success_seconds_sum{dag_id="${PIPELINE}", run_type="manual"}`,
          )
        ).map(({ value }) => value);
      const took = (Number(endedAt) - Number(startedAt)) / 1000;
      await expect.poll(seconds).toEqual([expect.closeTo(took, 2)]);
    });

    test('every panel of the dashboards shows figures, and a scheduler that hangs is an alert', async () => {
      const airflow = await airflowOf();
      await writeFile(join(platform.runtime.directory, 'data/verdicts/watch.prom'), VERDICTS);
      await finishedRun();
      // A run that nobody makes go on has an age for as long as it is looked at, and so has a DAG that is due.
      await platform.runtime.freeze('airflow-scheduler');
      onTestFinished(() => platform.runtime.thaw('airflow-scheduler'));
      await airflow.trigger(PIPELINE, {});
      await airflow.unpause(DAG);
      await queueRows();
      const client = prometheus();
      const asked = await panelQueries();
      expect(asked.length).toBeGreaterThan(35);
      const queries = asked.filter(({ expr }) => seesAirflow() || !isOwn(expr));
      const without = async (): Promise<string[]> => {
        const figures = await Promise.all(queries.map(({ expr }) => client.query(expr)));
        return queries.flatMap(({ panel, expr }, index) =>
          figures[index]?.length === 0 ? [`${panel}: ${expr}`] : [],
        );
      };
      await expect.poll(without, { timeout: 30_000, interval: 1_000 }).toEqual([]);
      if (!seesAirflow()) return;
      // One that is pending: after how long it fires, the tests of the rules say.
      const silent = () => alertsOf('AirflowSilent');
      await expect.poll(silent, { timeout: 40_000 }).toEqual(['airflow-scheduler']);
    });

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
      // It writes when the next run is due whenever it parses the file.
      await platform.runtime.stop('airflow-dag-processor');
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

    test('a Valkey that was killed is an alert, and none once it is back; so is an exporter', async () => {
      // Those that are pending: after how long they fire, the tests of the rules say.
      const alerts = () => alertsOf('ValkeyDown', 'ExporterDown');
      expect(await alerts()).toEqual([]);
      const killed = ['redis', ...(seesAirflow() ? ['statsd-exporter'] : [])];
      await Promise.all(killed.map((name) => platform.runtime.kill(name)));
      await expect.poll(alerts).toEqual(['redis-exporter', ...killed.slice(1)]);
      await Promise.all(killed.map((name) => platform.runtime.start(name)));
      await expect.poll(alerts).toEqual([]);
    });
  },
);
