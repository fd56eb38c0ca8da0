import type { ClusterContext } from '../src/check.ts';
import type { Cluster, NodeClient } from '../src/clickhouse/cluster.ts';
import { hasSetting } from '../src/clickhouse/dialect.ts';
import { parseContract } from '../src/contract/read-contract.ts';

const DATABASE = 'otus_default';

type Columns = Readonly<Record<string, string>>;

/** A Distributed table over a local one, `<name>_local`, as a test makes them. */
export interface ShardedTable {
  readonly name: string;
  /** Each column with its type. */
  readonly columns: Columns;
  /** Columns of the local table, where they are others. */
  readonly localColumns?: Columns;
  /** The sharding key; none for a table without. */
  readonly key?: string;
  /** The SELECT that gives the rows. */
  readonly rows?: string;
  /** What the contract says besides of the Distributed table, as YAML. */
  readonly says?: string;
}

/** Replicated where the Distributed table writes to one replica of a shard. */
type LocalEngine = 'MergeTree' | 'ReplicatedMergeTree';

/** Makes tables again on every node and puts their rows through the Distributed ones of the first. */
export async function makeSharded(
  { nodes }: Pick<Cluster, 'nodes'>,
  tables: readonly ShardedTable[],
  engine: LocalEngine = 'MergeTree',
): Promise<void> {
  for (const { name } of tables) {
    for (const table of [name, `${name}_local`]) {
      const drop = `DROP TABLE IF EXISTS ${DATABASE}.${table}`;
      await Promise.all(nodes.map(({ command }) => command(drop)));
    }
  }
  // Old servers do not bear that two replicas make a table at the same time.
  for (const node of nodes) await makeOn(node, tables, engine);
  const [entry] = nodes;
  if (entry === undefined) throw new RangeError('a cluster has one node at least');
  const foreground = (await hasSetting(entry, 'distributed_foreground_insert'))
    ? 'distributed_foreground_insert'
    : 'insert_distributed_sync';
  for (const { name, rows } of tables) {
    if (rows === undefined) continue;
    await entry.command(`INSERT INTO ${DATABASE}.${name} ${rows} SETTINGS ${foreground} = 1`);
    if (engine === 'MergeTree') continue;
    const sync = `SYSTEM SYNC REPLICA ${DATABASE}.${name}_local`;
    await Promise.all(nodes.map(({ command }) => command(sync)));
  }
}

async function makeOn(
  { command }: Pick<NodeClient, 'command'>,
  tables: readonly ShardedTable[],
  engine: LocalEngine,
): Promise<void> {
  for (const { name, columns, localColumns = columns, key } of tables) {
    const path = `'/clickhouse/tables/sharded/{shard}/${name}', '{replica}'`;
    await command(
      `CREATE TABLE ${DATABASE}.${name}_local (${defined(localColumns)})
       ENGINE = ${engine}${engine === 'MergeTree' ? '' : `(${path})`} ORDER BY tuple()`,
    );
    const keyed = key === undefined ? '' : `, ${key}`;
    await command(
      `CREATE TABLE ${DATABASE}.${name} (${defined(columns)})
       ENGINE = Distributed(dwh_test, ${DATABASE}, ${name}_local${keyed})`,
    );
  }
}

const defined = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ');

/** A context whose contract is about these tables alone; `run` are the rows known of a run. */
export function shardedContext(
  context: ClusterContext,
  tables: readonly ShardedTable[],
  run?: number,
): ClusterContext {
  const described = tables.map(
    ({ name, columns, localColumns = columns, key, says = '' }) => `
  - name: ${name}_local
    kind: local
    engine: { distributed-writes: MergeTree, keeper: MergeTree }
    columns: ${JSON.stringify(localColumns)}
    orderBy: tuple()
  - name: ${name}
    kind: distributed
    over: ${name}_local
    ${key === undefined ? '' : `shardingKey: ${JSON.stringify(key)}`}
    ${says}`,
  );
  const { expectedRows: _, ...rest } = context;
  return {
    ...rest,
    contract: parseContract(
      `version: 1\ntables:${described.join('')}\nreplicas: { settleSeconds: 0 }\n`,
      'sharded.yaml',
    ),
    ...(run !== undefined && { expectedRows: run }),
    parameters: run === undefined ? {} : { rows: run },
  };
}
