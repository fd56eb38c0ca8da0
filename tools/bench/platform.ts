import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { connectAirflow, type AirflowClient } from '@provehouse/infra/airflow';
import { readSecrets } from '@provehouse/secrets';
import { HEADING, machine, row, seconds } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures a platform from start to stop: `node tools/bench/platform.ts [--runs 5]`. Packages must be
 * installed; the first start, which may have to migrate a database, is not counted.
 */
const { runs } = benchOptions('Measures a platform from start to stop.', { runs: 5 });
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

async function logIn(platform: Deployment): Promise<AirflowClient> {
  const airflow = connectAirflow(platform, { ...(await readSecrets(platform.secretsFile)) });
  await airflow.unpause(DAG);
  return airflow;
}

/** Runs the DAG to its end and gives the seconds that its load took. */
async function trigger(airflow: AirflowClient, rowCount: number): Promise<number> {
  const { runId } = await airflow.trigger(DAG, { rows: rowCount });
  const { signal } = new AbortController();
  const states = await airflow.runStates(DAG, runId, { signal, intervalSeconds: 0.1 });
  // Airflow ends the stream with the run.
  await text(states);
  const { state } = await airflow.run(DAG, runId);
  if (state !== 'success') throw new Error(`the run ended as ${state}`);
  const tasks = await airflow.taskInstances(DAG, runId);
  return tasks.find(({ taskId }) => taskId === 'load_sample_data')?.seconds ?? Number.NaN;
}
