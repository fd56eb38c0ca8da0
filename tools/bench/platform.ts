import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios, { type AxiosInstance } from 'axios';
import { nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { readSecrets } from '@provehouse/secrets';
import { HEADING, machine, row, seconds } from './measure.ts';

/**
 * Measures a platform from start to stop: `node tools/bench/platform.ts [runs]`. Packages must be
 * installed; the first start, which may have to migrate a database, is not counted.
 */
const runs = Number(process.argv[2] ?? 5);
const DAG = 'hw16_data_loading_pipeline';

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
const rows: string[] = [];
const note = (line: string): void => {
  rows.push(line);
  process.stderr.write(`${line}\n`);
};

try {
  let deployment = await runtime.up();
  const starts: number[] = [];
  const again: number[] = [];
  const stops: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    stops.push(...(await seconds(1, () => runtime.down())));
    starts.push(...(await seconds(1, async () => (deployment = await runtime.up()))));
    again.push(...(await seconds(1, () => runtime.up())));
  }
  note(row('`infra:up`, installed, database cached', starts, 's', 14));
  note(row('`infra:up` of a platform that runs', again, 's', 1));
  note(row('`infra:down`', stops, 's', 10));
  const airflow = await logIn(deployment);
  await trigger(airflow, 100);
  const small = await seconds(runs, () => trigger(airflow, 100));
  note(row('trigger → success, 100 rows, warm', small, 's', 2));
  const loads: number[] = [];
  for (let run = 0; run < runs; run += 1) loads.push(await trigger(airflow, 1_000_000));
  note(row('`load_sample_data`, 1 million rows', loads, 's', 10));
  note(row('memory of the whole platform (PSS)', await memory(runtime), 'GiB', 2.6));
  process.stdout.write(
    `${machine()}; ClickHouse ${deployment.clickhouse.version}, Airflow ${deployment.airflow?.version ?? 'none'}\n\n`,
  );
  process.stdout.write(`${HEADING}\n${rows.join('\n')}\n`);
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

async function memory(platform: Runtime): Promise<number[]> {
  const values: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const statuses = await platform.status();
    const bytes = statuses.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0);
    values.push(bytes / 1024 ** 3);
  }
  return values;
}

async function logIn({ airflow, secretsFile }: Deployment): Promise<AxiosInstance> {
  const secrets = await readSecrets(secretsFile);
  const account = {
    username: secrets.airflow_admin_user,
    password: secrets.airflow_admin_password,
  };
  const { data } = await axios.post(`${airflow?.url ?? ''}/auth/token`, account, { proxy: false });
  const headers = { authorization: `Bearer ${data.access_token}` };
  const client = axios.create({ baseURL: `${airflow?.url ?? ''}/api/v2`, headers, proxy: false });
  await client.patch(`/dags/${DAG}?update_mask=is_paused`, { is_paused: false });
  return client;
}

/** Runs the DAG to its end and gives the seconds that its load took. */
async function trigger(client: AxiosInstance, rowCount: number): Promise<number> {
  const { data: run } = await client.post(`/dags/${DAG}/dagRuns`, {
    logical_date: null,
    conf: { rows: rowCount },
  });
  const path = `/dags/${DAG}/dagRuns/${encodeURIComponent(run.dag_run_id)}`;
  await client.get(`${path}/wait?interval=0.1`, { responseType: 'text' });
  const { data: end } = await client.get(path);
  if (end.state !== 'success') throw new Error(`the run ended as ${String(end.state)}`);
  const { data: task } = await client.get(`${path}/taskInstances/load_sample_data`);
  return task.duration;
}
