import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findServer,
  nativeRuntime,
  type Deployment,
  type Runtime,
  type UpOptions,
} from '@provehouse/infra';
import { readSecrets, type Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import type { ClusterContext } from '../src/check.ts';
import type { Cluster } from '../src/clickhouse/cluster.ts';
import { connectCluster } from '../src/clickhouse/connect-cluster.ts';
import type { Contract } from '../src/contract/contract.ts';
import { readContract } from '../src/contract/read-contract.ts';
import { ownCoordinatorPorts, ownPorts } from './own-ports.ts';
import { AS_OF, CONTRACT_FILE } from './test-cluster.ts';

/** Whether this machine has a ClickHouse server; what only one can show is skipped where there is none. */
export const hasServer = (await findServer(process.env)) !== undefined;

/** A real cluster of 2 × 2 nodes that replicate, that a test may damage. */
export interface ReplicatedCluster extends AsyncDisposable {
  readonly home: string;
  readonly runtime: Runtime;
  readonly deployment: Deployment;
  readonly cluster: Cluster;
  readonly contract: Contract;
  readonly secrets: Secrets;
  /** What a check of this cluster is given after a load of `rows` rows. */
  context(rows?: number): ClusterContext;
  /** Makes both tables again ON CLUSTER and loads rows 1 … `rows`; undoes any damage to them. */
  load(rows?: number): Promise<void>;
  /** Where the replica of a node's local table is in coordination. */
  replicaPath(node: string): Promise<string>;
  /** Ends `SYSTEM STOP FETCHES` on a node, and waits for what it missed. */
  fetchAgain(node: string): Promise<void>;
}

export const NAME = 'replicated';
export const LOCAL = 'otus_default.hw16_demo_products_local';
const DISTRIBUTED = 'otus_default.hw16_demo_products';

/**
 * Starts one of the embedded engine, which replicates with ZooKeepers: one, unless it is the ensemble that a
 * test is about.
 */
export const startReplicatedCluster = (options: UpOptions = {}): Promise<ReplicatedCluster> =>
  start({
    ...{ replication: 'keeper', coordinators: 1 },
    ports: { ...ownPorts(), ...ownCoordinatorPorts() },
    ...options,
  });

/** Starts one of server processes, for what only they can show. */
export const startServerCluster = (): Promise<ReplicatedCluster> => start({ engine: 'server' });

async function start(options: UpOptions): Promise<ReplicatedCluster> {
  await using started = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  started.defer(() => rm(home, { recursive: true }));
  const runtime = nativeRuntime({ home, name: NAME });
  started.defer(() => runtime.down({ purge: true }));
  const deployment = await runtime.up({ ...options, without: ['airflow'] });
  const secrets = await readSecrets(deployment.secretsFile);
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const cluster = started.use(connectCluster(deployment, account));
  const contract = await readContract(CONTRACT_FILE);
  const running = started.move();
  return {
    ...{ home, runtime, deployment, cluster, contract, secrets },
    context: (rows = 1000) => ({
      ...{ deployment, contract, cluster, secrets },
      expectedRows: rows,
      parameters: { rows, as_of: AS_OF },
    }),
    load: (rows = 1000) => load(cluster, rows),
    async replicaPath(node) {
      const [replica] = await cluster
        .node(node)
        .query(
          `SELECT replica_path FROM system.replicas WHERE table = 'hw16_demo_products_local'`,
          z.object({ replica_path: z.string() }),
        );
      if (replica === undefined) throw new RangeError(`${node} has no replica`);
      return replica.replica_path;
    },
    async fetchAgain(name) {
      const { command } = cluster.node(name);
      await command('SYSTEM START FETCHES');
      await command(`SYSTEM SYNC REPLICA ${LOCAL}`);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function load({ nodes }: Cluster, rows: number): Promise<void> {
  const [entry] = nodes;
  if (entry === undefined) throw new RangeError('a cluster has one node at least');
  await Promise.all(
    nodes.map(async (node) => {
      await node.command(`DROP TABLE IF EXISTS ${DISTRIBUTED} SYNC`);
      await node.command(`DROP TABLE IF EXISTS ${LOCAL} SYNC`);
    }),
  );
  await entry.command(
    `CREATE TABLE ${LOCAL} ON CLUSTER dwh_test ${COLUMNS}
     ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
     PARTITION BY toYYYYMM(created_at) ORDER BY id`,
  );
  await entry.command(
    `CREATE TABLE ${DISTRIBUTED} ON CLUSTER dwh_test AS ${LOCAL}
     ENGINE = Distributed('dwh_test', 'otus_default', 'hw16_demo_products_local', cityHash64(id))`,
  );
  await entry.command(`INSERT INTO ${DISTRIBUTED} ${rowsFrom(1, rows)}`);
  await Promise.all(nodes.map((node) => node.command(`SYSTEM SYNC REPLICA ${LOCAL}`)));
}

/** The columns of the local table. */
export const COLUMNS = `(id UInt32, name String, category String, price Decimal(10, 2), created_at DateTime)`;

/** A SELECT of correct rows in words that old servers know. */
export const rowsFrom = (first: number, count: number): string =>
  `SELECT toUInt32(number) AS id, concat('Product ', toString(id)) AS name, 'Books' AS category,
     toDecimal64(10 + intDiv(cityHash64(id, 2) % 99001, 100), 2) AS price,
     toDateTime('${AS_OF} 00:00:00') - toUInt32(cityHash64(id, 3) % 31536000) AS created_at
   FROM numbers(${first}, ${count})`;
