import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { NativeProcess } from '../../native/component.ts';
import { AIRFLOW_ROLE, query } from '../../services/postgres.ts';
import { portOf } from '../../system/ports.ts';
import type { NativeContext } from '../native-side.ts';
import { monitorOf } from './account.ts';
import { askPage } from './ask-page.ts';
import { fileOf, urlOf } from './places.ts';
import { postgresAccountSql } from './postgres-account.ts';
import { programsIn, shareOf } from './programs.ts';

/** What is asked of Airflow's database. */
export const QUERIES_FILE = join(import.meta.dirname, 'airflow-queries.yml');

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
      // Hundreds that never change; 0.20 and later have another name for it, and refuse the option of before.
      'PG_EXPORTER_DISABLE_SETTINGS_METRICS=true',
      program,
      // That of Debian's version fails on PostgreSQL 17 and later.
      ...(shareOf(program) === undefined ? [] : ['--no-collector.bgwriter']),
      `--extend.query-path=${QUERIES_FILE}`,
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
      await query({ port, secrets }, AIRFLOW_ROLE, postgresAccountSql(monitor));
    },
  };
}
