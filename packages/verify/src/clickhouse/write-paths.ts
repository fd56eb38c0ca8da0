import type { NodeClient } from './cluster.ts';
import { engineArguments } from './definition-text.ts';
import { systemRows, type SystemRow } from './system-rows.ts';
import { readUserTables, type UserTable } from './user-tables.ts';

/** Statement by which a node is asked how clusters write to the replicas of a shard. */
export const CLUSTERS_SQL =
  'SELECT * FROM system.clusters ORDER BY cluster, shard_num, replica_num';

/** How a Distributed table writes to shards that have several replicas. */
export type WriteMode =
  /** To each of them: `internal_replication` is false. */
  | 'every replica'
  /** To one, from which the others are to replicate: it is true. */
  | 'one replica'
  /** By shard the one or the other. */
  | 'mixed'
  /** The server does not show it. */
  | 'not shown'
  /** No shard has several replicas. */
  | 'no replicas';

/** A Distributed table of a node, with the table below it as `database.name`. */
export interface DistributedTable {
  readonly name: string;
  readonly over: string;
  readonly cluster: string;
  readonly mode: WriteMode;
}

/** The tables of a node, and by which Distributed tables they are written. */
export interface NodeTables {
  readonly tables: readonly UserTable[];
  readonly distributed: readonly DistributedTable[];
}

/** The full name of a table, the same on all nodes. */
export const fullName = ({ database, commonName }: UserTable): string =>
  `${database}.${commonName}`;

/** A table of the MergeTree family that does not replicate itself. */
export const isPlainMergeTree = ({ engine }: UserTable): boolean =>
  engine.endsWith('MergeTree') && !isReplicated(engine);

/** Whether an engine's tables replicate themselves. */
export const isReplicated = (engine: string): boolean => /^(?:Replicated|Shared)\w*$/.test(engine);

/** The tables of a node, and how rows come to them. @throws QueryError */
export async function readNodeTables(client: NodeClient, ownCluster: string): Promise<NodeTables> {
  const [tables, members] = await Promise.all([
    readUserTables(client),
    systemRows(client, CLUSTERS_SQL),
  ]);
  const clusters = Map.groupBy(members, ({ cluster }) => String(cluster));
  const distributed = tables
    .filter(({ engine }) => engine === 'Distributed')
    .map((table) => {
      const [named = '', database = '', over = ''] = engineArguments(table.engineFull);
      const cluster = named.replace('{cluster}', ownCluster);
      return {
        ...{ name: fullName(table), cluster },
        over: `${database || table.database}.${over}`,
        mode: writeMode(clusters.get(cluster) ?? []),
      };
    });
  return { tables, distributed };
}

/** https://clickhouse.com/docs/engines/table-engines/special/distributed#distributed-clusters */
function writeMode(members: readonly SystemRow[]): WriteMode {
  const shards = [...Map.groupBy(members, (member) => member['shard_num']).values()];
  const flags = shards
    .filter((replicas) => replicas.length > 1)
    .map(([member]) => member?.['internal_replication']);
  const [first] = flags;
  if (flags.length === 0) return 'no replicas';
  if (first === undefined) return 'not shown';
  if (flags.some((flag) => flag !== first)) return 'mixed';
  return Number(first) === 0 ? 'every replica' : 'one replica';
}
