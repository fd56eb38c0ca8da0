import pg from 'pg';
import { AIRFLOW_ROLE, loginSql } from '../../services/postgres.ts';
import type { monitorOf } from './account.ts';

/**
 * Makes the account in Airflow's database, which sees statistics and no rows but what the queries of
 * airflow-queries.yml are about. Safe to repeat; the tables have to be there.
 */
export function postgresAccountSql({ name, password }: ReturnType<typeof monitorOf>): string {
  const account = pg.escapeIdentifier(name);
  return `${loginSql(name, password)}
  GRANT pg_monitor TO ${account};
  GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(AIRFLOW_ROLE)} TO ${account};
  GRANT SELECT (dag_id, is_paused, is_stale, next_dagrun_create_after) ON dag TO ${account};
  GRANT SELECT (dag_id, state, run_type, start_date, queued_at) ON dag_run TO ${account};`;
}
