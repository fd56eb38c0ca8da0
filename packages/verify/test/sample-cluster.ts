import { join } from 'node:path';
import type { Deployment, Runtime } from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import type { ClusterContext } from '../src/check.ts';
import type { Cluster } from '../src/clickhouse/cluster.ts';
import { connectCluster } from '../src/clickhouse/connect-cluster.ts';
import type { Contract } from '../src/contract/contract.ts';
import { readContract } from '../src/contract/read-contract.ts';

/** The contract that is verified in the tests: this project's own. */
export const CONTRACT_FILE = join(
  import.meta.dirname,
  '../../etl-dags/contracts/hw16_data_loading_pipeline.yaml',
);

const DATABASE = 'otus_default';
export const LOCAL = `${DATABASE}.hw16_demo_products_local`;
export const DISTRIBUTED = `${DATABASE}.hw16_demo_products`;
/** The day until which the rows of a load were made. */
export const AS_OF = '2026-06-15';

/** What a cluster runs in and what can be done to it there. */
export interface ClusterHost extends AsyncDisposable {
  readonly runtime: Pick<Runtime, 'directory' | 'start' | 'stop' | 'restart'>;
  readonly deployment: Deployment;
  /** A file of a node's configuration. */
  readonly readConfig: (node: string, file: ConfigFile) => Promise<string>;
  /** Replaces a file of a node's configuration, which it reads when it is started the next time. */
  readonly writeConfig: (node: string, file: ConfigFile, text: string) => Promise<void>;
}

export type ConfigFile = 'config.xml' | 'users.xml';

/** A real cluster of 2 × 2 nodes, without Airflow, that a test may damage. */
export interface TestCluster extends ClusterHost {
  readonly cluster: Cluster;
  readonly contract: Contract;
  readonly secrets: Secrets;
  /** What a check of this cluster is given after a load of `rows` rows. */
  context(rows?: number): ClusterContext;
  /** Makes both tables again on every node and loads rows 1 … `rows`; undoes any damage to them. */
  load(rows?: number): Promise<void>;
}

/** What tests and benchmarks do with a cluster, wherever it runs; its end is the end of the host. */
export async function sampleClusterOn(host: ClusterHost): Promise<TestCluster> {
  const { deployment } = host;
  const secrets = await readSecrets(deployment.secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const cluster = connectCluster(deployment, account);
  const contract = await readContract(CONTRACT_FILE);
  return {
    ...host,
    cluster,
    contract,
    secrets,
    context: (rows = 1000) => ({
      ...{ deployment, contract, cluster, secrets },
      expectedRows: rows,
      parameters: { rows, as_of: AS_OF },
    }),
    load: (rows = 1000) => load(cluster, rows),
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}

async function load({ nodes }: Cluster, rows: number): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      await node.command(`DROP TABLE IF EXISTS ${DISTRIBUTED} SYNC`);
      await node.command(`DROP TABLE IF EXISTS ${LOCAL} SYNC`);
      await node.command(
        `CREATE TABLE ${LOCAL} (id UInt32, name String, category String, price Decimal(10, 2),
         created_at DateTime) ENGINE = MergeTree ORDER BY id PARTITION BY toYYYYMM(created_at)`,
      );
      await node.command(
        `CREATE TABLE ${DISTRIBUTED} AS ${LOCAL}
         ENGINE = Distributed(dwh_test, ${DATABASE}, hw16_demo_products_local, cityHash64(id))`,
      );
    }),
  );
  await nodes[0]?.command(`INSERT INTO ${DISTRIBUTED} ${sampleRows(1, rows)}`);
}

/** A SELECT that gives correct rows with the ids `from` … `to`. */
export const sampleRows = (from: number, to: number): string =>
  `SELECT toUInt32(number) AS id, concat('Product ', toString(id)) AS name,
     ['Electronics', 'Books', 'Clothing', 'Home', 'Sports'][1 + cityHash64(id, 1) % 5] AS category,
     toDecimal64(10 + (cityHash64(id, 2) % 99001) / 100, 2) AS price,
     toDateTime('${AS_OF} 00:00:00', 'UTC') - toIntervalSecond(cityHash64(id, 3) % 31536000) AS created_at
   FROM numbers(${from}, ${to - from + 1}) SETTINGS distributed_foreground_insert = 1`;
