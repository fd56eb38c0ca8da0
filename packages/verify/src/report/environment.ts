import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlatformContext } from '../check.ts';

/** File beside Allure's results that has what the report says of the platform. */
export const ENVIRONMENT_FILE = 'provehouse-environment.json';

/** What the report says of the platform; no ports, which differ from run to run. */
export function environmentOf({ deployment, run }: PlatformContext): Record<string, string> {
  const { clickhouse, airflow, postgres, redis } = deployment;
  const { capabilities } = clickhouse;
  const shards = new Set(clickhouse.nodes.map(({ shard }) => shard)).size;
  const replicas = new Set(clickhouse.nodes.map(({ replica }) => replica)).size;
  // The report shows the first eight and the others on demand: what people compare comes first.
  return {
    Platform: deployment.name,
    Topology: `${clickhouse.cluster}: ${shards} shards × ${replicas} replicas`,
    ClickHouse: clickhouse.version,
    ...(airflow && { Airflow: `${airflow.version}, ${airflow.executor}` }),
    Replication: capabilities.replication,
    'ON CLUSTER': capabilities.distributedDdl ? 'yes' : 'no',
    ...Object.fromEntries(
      Object.entries(run.parameters).map(([name, value]) => [`Run: ${name}`, String(value)]),
    ),
    Run: run.runId,
    Runtime: `${deployment.runtime}, engine ${deployment.engine}`,
    ...(deployment.standIns && { 'Stand-ins': Object.keys(deployment.standIns).join(', ') }),
    ...(airflow && { Flower: airflow.flower.version }),
    ...(postgres && { PostgreSQL: postgres.version }),
    ...(redis && { Redis: redis.version }),
  };
}

/** Keeps it beside Allure's results, where the report looks for it. */
export async function writeEnvironment(folder: string, context: PlatformContext): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify(environmentOf(context), null, 2);
  await writeFile(join(folder, ENVIRONMENT_FILE), text);
}
