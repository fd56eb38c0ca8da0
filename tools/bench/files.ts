import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { firstOf, nativeRuntime, type Deployment } from '@provehouse/infra';
import { connectAirflow } from '@provehouse/infra/airflow';
import { connectNode } from '@provehouse/infra/clickhouse';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import { HEADING, machine, row } from './measure.ts';
import { benchOptions } from './options.ts';

/**
 * Measures how long `files_from_bucket` takes to load Parquet from the bucket of the module storage,
 * through a Distributed table on one node: `node tools/bench/files.ts [--gigabytes 1]`. The files are read
 * twice, inspected and inserted, and once more to be hashed.
 */
const { gigabytes } = benchOptions('Measures the loading of Parquet from a bucket.', {
  gigabytes: 1,
});
const DAG = 'files_from_bucket';
const FILES = 4;
const LANDING = 'files_from_bucket/landing/bench/';
/** A row of a name of 100 random characters takes about so much in a file. */
const ROW_BYTES = 100;

const loadedSchema = z.object({ seconds: z.number(), rows: z.number() });

const home = await mkdtemp(join(tmpdir(), 'provehouse-bench-'));
const runtime = nativeRuntime({ home, name: 'bench' });
try {
  const dagsFolder = join(home, 'dags');
  await mkdir(dagsFolder);
  const dag = `packages/etl-dags/dags/${DAG}.py`;
  await cp(join(import.meta.dirname, '../..', dag), join(dagsFolder, `${DAG}.py`));
  const deployment = await runtime.up({ shards: 1, replicas: 1, with: ['storage'], dagsFolder });
  const secrets = await readSecrets(deployment.secretsFile);
  // Tables and connections are there then, and the files of the pipeline's own.
  await load(deployment, secrets);
  const bytes = await land(deployment, secrets);
  const { seconds, rows } = await load(deployment, secrets);
  const what = `\`load_files\`, ${FILES} files of Parquet, ${(bytes / 1e9).toFixed(2)} GB, ${rows} rows`;
  process.stdout.write(`${machine()}; ClickHouse ${deployment.clickhouse.version}\n\n`);
  process.stdout.write(`${HEADING}\n${row(what, [seconds], 's', 60)}\n`);
} finally {
  await runtime.down({ purge: true });
  await rm(home, { recursive: true });
}

/** Has a node write files into the bucket, and gives their bytes. */
async function land({ clickhouse }: Deployment, secrets: Secrets): Promise<number> {
  const client = connectNode(firstOf(clickhouse.nodes), {
    ...{ user: secrets.super_user_name, password: secrets.super_user_password },
  });
  const rows = Math.ceil((gigabytes * 1e9) / ROW_BYTES / FILES);
  try {
    for (let file = 0; file < FILES; file += 1) {
      await client.command(
        `INSERT INTO FUNCTION s3(platform_bucket, filename = '${LANDING}${file}.parquet', format = 'Parquet')
         SELECT toUInt64(1000000 + number) AS id, randomPrintableASCII(100) AS name, 'Books' AS category,
           toDecimal64(10 + number % 900, 2) AS price, toDateTime(1735689600 + number) AS created_at
         FROM numbers(${file * rows}, ${rows})
         SETTINGS s3_max_single_part_upload_size = 5242880, s3_min_upload_part_size = 5242880,
           s3_max_upload_part_size = 10485760`,
      );
    }
    const sql = `SELECT sum(_size) AS bytes FROM s3(platform_bucket, filename = '${LANDING}*', format = 'One')`;
    const [found] = await client.query(sql, z.object({ bytes: z.coerce.number() }));
    return found?.bytes ?? Number.NaN;
  } finally {
    await client.close();
  }
}

/** Runs the pipeline, and gives what the task that loads says. */
async function load(
  deployment: Deployment,
  secrets: Secrets,
): Promise<z.infer<typeof loadedSchema>> {
  const airflow = connectAirflow(deployment, secrets);
  await airflow.unpause(DAG);
  const { runId } = await airflow.trigger(DAG, { rows: 6 });
  const { signal } = new AbortController();
  // Airflow ends the stream with the run.
  await text(await airflow.runStates(DAG, runId, { signal, intervalSeconds: 0.5 }));
  const { state } = await airflow.run(DAG, runId);
  if (state !== 'success') throw new Error(`the run ended as ${state}`);
  return loadedSchema.parse(await airflow.xcom(DAG, runId, 'load_files'));
}
