import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '@provehouse/infra';
import type { ObservedRun } from '../airflow/observed-run.ts';
import type { PlatformContext } from '../check.ts';

/** File beside Allure's results that has what the report says of the platform. */
export const ENVIRONMENT_FILE = 'provehouse-environment.json';

/** What the report of a run says of the platform; no ports, which differ from run to run. */
export const environmentOf = ({ deployment, run }: PlatformContext): Record<string, string> =>
  platformFacts(deployment, factsOfRun(run));

/** What a report says of a run of the pipeline. */
export const factsOfRun = ({ parameters, runId }: ObservedRun): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [`Run: ${name}`, String(value)]),
  ),
  Run: runId,
});

/** What a report says of a platform and of what was done on it, in the order that people read. */
export function platformFacts(
  { name, runtime, engine, standIns, clickhouse, airflow, postgres, redis }: Deployment,
  done: Readonly<Record<string, string>>,
): Record<string, string> {
  const { capabilities, replicationNote } = clickhouse;
  const shards = new Set(clickhouse.nodes.map(({ shard }) => shard)).size;
  const replicas = new Set(clickhouse.nodes.map(({ replica }) => replica)).size;
  // The report shows the first eight and the others on demand: what people compare comes first.
  return {
    Platform: name,
    Topology: `${clickhouse.cluster}: ${shards} shards × ${replicas} replicas`,
    ClickHouse: clickhouse.version,
    ...(airflow && { Airflow: `${airflow.version}, ${airflow.executor}` }),
    Replication: [capabilities.replication, ...(replicationNote ? [replicationNote] : [])].join(
      ': ',
    ),
    'ON CLUSTER': capabilities.distributedDdl ? 'yes' : 'no',
    ...done,
    Runtime: `${runtime}, engine ${engine}`,
    ...(standIns && { 'Stand-ins': Object.keys(standIns).join(', ') }),
    ...(airflow && { Flower: airflow.flower.version }),
    ...(postgres && { PostgreSQL: postgres.version }),
    ...(redis && { Redis: redis.version }),
  };
}

/** Keeps it beside Allure's results, where the report looks for it. */
export async function writeEnvironment(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify(environment, null, 2);
  await writeFile(join(folder, ENVIRONMENT_FILE), text);
}
