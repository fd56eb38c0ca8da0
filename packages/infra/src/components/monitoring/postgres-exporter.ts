import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { NativeProcess } from '../../native/component.ts';
import { AIRFLOW_ROLE, loginSql, query } from '../../services/postgres.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext } from '../native-side.ts';
import { monitorOf } from './account.ts';
import { askPage } from './ask-page.ts';
import { fileOf, urlOf } from './places.ts';
import { programsIn, shareOf } from './programs.ts';

/** What is asked of Airflow's database. */
const QUERIES = join(import.meta.dirname, 'airflow-queries.yml');

/** What serves how PostgreSQL is, and which runs of Airflow's DAGs are late. */
export function postgresExporter(context: NativeContext): NativeProcess {
  const { plan, secrets } = context;
  const { postgres: program } = programsIn(plan.modules.monitoring ?? []);
  const url = urlOf(plan, 'postgres-exporter');
  const port = portOf(plan, 'postgres');
  const passwordFile = fileOf(context, 'postgres.password');
  const monitor = monitorOf(secrets);
  return {
    name: 'postgres-exporter',
    command: [
      'env',
      `DATA_SOURCE_URI=127.0.0.1:${port}/${AIRFLOW_ROLE}?sslmode=disable`,
      `DATA_SOURCE_USER=${monitor.name}`,
      `DATA_SOURCE_PASS_FILE=${passwordFile}`,
      program,
      '--disable-settings-metrics',
      // That of Debian's version fails on PostgreSQL 17 and later.
      ...(shareOf(program) === undefined ? [] : ['--no-collector.bgwriter']),
      `--extend.query-path=${QUERIES}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    address: new URL(url).host,
    url: `${url}/metrics`,
    budgetSeconds: 60,
    after: ['postgres'],
    async prepare() {
      await mkdir(dirname(passwordFile), { recursive: true });
      await writeFile(passwordFile, monitor.password, { mode: 0o600 });
    },
    probe: (signal) => askPage(url, { signal }),
    async provision() {
      await query({ port, secrets }, AIRFLOW_ROLE, accountSql(monitor));
    },
  };
}

/** Makes the account, which sees statistics and no rows but what the queries are about. */
function accountSql({ name, password }: ReturnType<typeof monitorOf>): string {
  const account = pg.escapeIdentifier(name);
  return `${loginSql(name, password)}
  GRANT pg_monitor TO ${account};
  GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(AIRFLOW_ROLE)} TO ${account};
  GRANT SELECT (dag_id, is_paused, is_stale, next_dagrun_create_after) ON dag TO ${account};
  GRANT SELECT (dag_id, state, run_type, start_date, queued_at) ON dag_run TO ${account};`;
}
