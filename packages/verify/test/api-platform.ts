import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { AirflowSession, connectAirflow, type AirflowClient } from '@provehouse/infra/airflow';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { expect } from 'vitest';
import { z } from 'zod';

const DAGS = join(import.meta.dirname, '../../etl-dags/dags');
const HOUR_MS = 3_600_000;

/** A platform with Airflow and the API, whose DAG runs only when a test wants it. */
export interface ApiPlatform extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly home: string;
  readonly name: string;
  readonly deployment: Deployment;
  readonly secrets: Secrets;
  readonly airflow: AirflowClient;
  /** An hour of the API's history, counted from its first, as ISO 8601 has it. */
  hour(number: number): string;
  /** Backfills the runs of a range of hours, and gives their states once all have ended. */
  backfill(dag: string, from: string, to: string): Promise<readonly string[]>;
}

const originSchema = z.object({ begin_hour: z.number() });
const backfillSchema = z.object({ id: z.number(), completed_at: z.string().nullable() });
const runsSchema = z.object({
  dag_runs: z.array(z.object({ run_type: z.string(), state: z.string() })),
});

export async function startApiPlatform(): Promise<ApiPlatform> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-api-'));
  const name = 'api';
  const dagsFolder = join(home, 'dags');
  await mkdir(dagsFolder);
  await copyDag(dagsFolder);
  const runtime = nativeRuntime({ home, name });
  const deployment = await runtime.up({
    ...{ shards: 1, replicas: 1, replication: 'distributed-writes', with: ['api'], dagsFolder },
  });
  const secrets = await readSecrets(deployment.secretsFile);
  const session = new AirflowSession(deployment.airflow?.url ?? '', {
    username: secrets.airflow_admin_user,
    password: secrets.airflow_admin_password,
  });
  const origin = await readFile(join(home, name, 'data/api/origin.json'), 'utf8');
  const { begin_hour: begin } = originSchema.parse(JSON.parse(origin));
  return {
    ...{ runtime, home, name, deployment, secrets },
    airflow: connectAirflow(deployment, secrets),
    hour: (number) => new Date((begin + number) * HOUR_MS).toISOString(),
    async backfill(dag, from, to) {
      const url = '/api/v2/backfills';
      const data = { dag_id: dag, from_date: from, to_date: to, max_active_runs: 1 };
      const { id } = await session.request({ method: 'POST', url, data }, backfillSchema);
      const completed = async (): Promise<unknown> =>
        (await session.get(`${url}/${id}`, backfillSchema)).completed_at;
      await expect.poll(completed, { timeout: 240_000 }).not.toBeNull();
      const { dag_runs: runs } = await session.get(`/api/v2/dags/${dag}/dagRuns`, runsSchema);
      return runs.filter(({ run_type }) => run_type === 'backfill').map(({ state }) => state);
    },
    async [Symbol.asyncDispose]() {
      await runtime.down({ purge: true });
      await rm(home, { recursive: true });
    },
  };
}

/** The DAG without runs of its own: its schedule has ended, and only then may a whole hour pass. */
async function copyDag(folder: string): Promise<void> {
  const file = 'products_from_api.py';
  await cp(join(DAGS, file), join(folder, file));
  const text = await readFile(join(folder, file), 'utf8');
  const ended = 'catchup=False,\n    end_date=datetime(2026, 1, 1, tzinfo=UTC),';
  const changed = text
    .replace('from datetime import timedelta', 'from datetime import UTC, datetime, timedelta')
    .replace('catchup=False,', ended);
  if (!changed.includes(ended)) throw new TypeError(`${file} has no catchup=False`);
  await writeFile(join(folder, file), changed);
}
