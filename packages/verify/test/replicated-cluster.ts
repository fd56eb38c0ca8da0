import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer, nativeRuntime, type Deployment, type Runtime } from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import type { ClusterContext } from '../src/check.ts';
import { connectCluster, type Cluster } from '../src/clickhouse/cluster.ts';
import { readContract } from '../src/contract/read-contract.ts';
import { AS_OF, CONTRACT_FILE } from './test-cluster.ts';

/** Where there is no server, tests of replication are skipped; each file says so. */
export const hasServer = (await findServer(process.env)) !== undefined;
if (!hasServer) process.stderr.write('NO CLICKHOUSE SERVER: tests of replication are skipped.\n');

/** A real cluster of 2 × 2 servers with three coordinators, that a test may damage. */
export interface ReplicatedCluster extends AsyncDisposable {
  readonly home: string;
  readonly runtime: Runtime;
  readonly deployment: Deployment;
  readonly cluster: Cluster;
  readonly secrets: Secrets;
  /** What a check of this cluster is given after a load of `rows` rows. */
  context(rows?: number): ClusterContext;
  /** Makes both tables anew ON CLUSTER and loads rows 1 … `rows`; gives the local table's path. */
  load(rows?: number): Promise<string>;
  /** Ends `SYSTEM STOP FETCHES` on a node, and waits for what it missed: a fetch that failed is tried again after seconds. */
  fetchAgain(node: string): Promise<void>;
}

export const NAME = 'replicated';
export const LOCAL = 'otus_default.hw16_demo_products_local';
const DISTRIBUTED = 'otus_default.hw16_demo_products';

export async function startReplicatedCluster(): Promise<ReplicatedCluster> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  const runtime = nativeRuntime({ home, name: NAME });
  const deployment = await runtime.up({ engine: 'server', without: ['airflow'] });
  const secrets = await readSecrets(deployment.secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const cluster = connectCluster(deployment, account);
  const contract = await readContract(CONTRACT_FILE);
  let loads = 0;
  return {
    ...{ home, runtime, deployment, cluster, secrets },
    context: (rows = 1000) => ({
      ...{ deployment, contract, cluster, secrets },
      expectedRows: rows,
      parameters: { rows, as_of: AS_OF },
    }),
    async load(rows = 1000) {
      loads += 1;
      await load(cluster, `load_${loads}`, rows);
      return `load_${loads}`;
    },
    async fetchAgain(name) {
      const { command } = cluster.node(name);
      await command('SYSTEM START FETCHES');
      await command(`SYSTEM SYNC REPLICA ${LOCAL}`);
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await runtime.down({ purge: true });
      await rm(home, { recursive: true });
    },
  };
}

async function load({ nodes }: Cluster, path: string, rows: number): Promise<void> {
  const [entry] = nodes;
  if (entry === undefined) throw new RangeError('a cluster has one node at least');
  await Promise.all(
    nodes.map(async (node) => {
      await node.command(`DROP TABLE IF EXISTS ${DISTRIBUTED}`);
      await node.command(`DROP TABLE IF EXISTS ${LOCAL}`);
    }),
  );
  await entry.command(
    `CREATE TABLE ${LOCAL} ON CLUSTER dwh_test (id UInt32, name String, category String,
       price Decimal(10, 2), created_at DateTime)
     ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/otus_default/${path}', '{replica}')
     PARTITION BY toYYYYMM(created_at) ORDER BY id`,
  );
  await entry.command(
    `CREATE TABLE ${DISTRIBUTED} ON CLUSTER dwh_test AS ${LOCAL}
     ENGINE = Distributed('dwh_test', 'otus_default', 'hw16_demo_products_local', cityHash64(id))`,
  );
  await entry.command(`INSERT INTO ${DISTRIBUTED} ${rowsFrom(1, rows)}`);
  await Promise.all(nodes.map((node) => node.command(`SYSTEM SYNC REPLICA ${LOCAL}`)));
}

/** A SELECT of correct rows in words that old servers know. */
export const rowsFrom = (first: number, count: number): string =>
  `SELECT toUInt32(number) AS id, concat('Product ', toString(id)) AS name, 'Books' AS category,
     toDecimal64(10 + intDiv(cityHash64(id, 2) % 99001, 100), 2) AS price,
     toDateTime('${AS_OF} 00:00:00') - toUInt32(cityHash64(id, 3) % 31536000) AS created_at
   FROM numbers(${first}, ${count})`;
