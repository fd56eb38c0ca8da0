import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Deployment, Runtime } from '@provehouse/infra';
import { readSecrets } from '@provehouse/secrets';

/** The platform that is soaked, and clients of its nodes. */
export interface SoakedCluster extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly deployment: Deployment;
  readonly clients: ReadonlyMap<string, ClickHouseClient>;
  readonly coordinators: readonly string[];
}

const GIVE_UP_MS = 15_000;

/** Opens the clients; an answer that takes longer than 15 s is given up. */
export async function soakedCluster(
  runtime: Runtime,
  deployment: Deployment,
): Promise<SoakedCluster> {
  const secrets = await readSecrets(deployment.secretsFile);
  const { nodes, coordination } = deployment.clickhouse;
  const clients = new Map(
    nodes.map(({ name, host, httpPort }) => [
      name,
      createClient({
        url: `http://${host}:${httpPort}`,
        username: secrets.super_user_name,
        password: secrets.super_user_password,
        database: deployment.clickhouse.database,
        request_timeout: GIVE_UP_MS,
        // Refusals are expected, and counted by the workload.
        log: { level: ClickHouseLogLevel.OFF },
      }),
    ]),
  );
  return {
    ...{ runtime, deployment, clients },
    coordinators: (coordination?.servers ?? []).flatMap(({ name }) => name ?? []),
    async [Symbol.asyncDispose]() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** The tables that are written to: with a quorum of two replicas, and without. */
export const GUARANTEES = ['quorum', 'single'] as const;

export type Guarantee = (typeof GUARANTEES)[number];

/** Makes the tables on all nodes. */
export async function createSoakTables({ clients, deployment }: SoakedCluster): Promise<void> {
  const [client] = clients.values();
  const { cluster, database } = deployment.clickhouse;
  for (const guarantee of GUARANTEES) {
    for (const query of [
      `CREATE TABLE ${guarantee}_local ON CLUSTER ${cluster} (id UInt64, text String, at DateTime('UTC'))
       ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{uuid}', '{replica}')
       PARTITION BY toYYYYMM(at) ORDER BY id`,
      `CREATE TABLE ${guarantee} ON CLUSTER ${cluster} AS ${guarantee}_local
       ENGINE = Distributed(${cluster}, ${database}, ${guarantee}_local, cityHash64(id))`,
    ]) {
      await client?.command({ query });
    }
  }
}
