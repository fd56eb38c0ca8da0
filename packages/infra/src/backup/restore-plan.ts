import { z } from 'zod';
import { quoteText } from '../clickhouse/quote.ts';
import { BackupError } from './backup-error.ts';
import type { BackupPlace, PlatformShard } from './backup-place.ts';
import type { BackedUpShard, BackedUpTable, Manifest, TableContent } from './manifest.ts';
import { askContent, sameContent } from './stored-tables.ts';

/** What is done with a table of a shard. */
export interface TablePlan {
  readonly table: BackedUpTable;
  /** Nodes on which it is dropped before. */
  readonly drop: readonly string[];
  /** Nodes on which it is made. */
  readonly make: readonly string[];
  /** Whether its rows come out of the backup; else a replica has them, and the others get them from it. */
  readonly rows: boolean;
}

/** What is done with a shard. */
export interface ShardPlan {
  readonly shard: PlatformShard;
  readonly backedUp: BackedUpShard;
  readonly tables: readonly TablePlan[];
}

/** A table of the backup as the replicas of its shard have it now. */
interface Present {
  readonly table: BackedUpTable;
  /** Nodes that have it, with its definition and what it holds. */
  readonly on: readonly { readonly definition: string; readonly content: TableContent }[];
}

/**
 * What a restore has to do; a table that holds what the backup holds is left as it is.
 * @param only the shards that are restored; all by default
 * @param replace whether tables that hold other rows are dropped
 * @throws BackupError for shards that the platform has not, and for tables with other rows
 */
export async function planRestore(
  place: BackupPlace,
  { name, database, shards: held }: Manifest,
  { only, replace }: { readonly only?: readonly string[]; readonly replace: boolean },
): Promise<ShardPlan[]> {
  const { clickhouse } = place.deployment;
  const names = place.shards.map(({ shard }) => shard);
  const wanted = only ?? held.map(({ shard }) => shard);
  const unknown = wanted.find(
    (shard) => !names.includes(shard) || !held.some((one) => one.shard === shard),
  );
  if (unknown !== undefined) {
    throw new BackupError(
      `Expected shards of the backup ${name} (${held.map(({ shard }) => shard).join(', ')}) that the platform has (${names.join(', ')}), found ${unknown}.`,
    );
  }
  if (database !== clickhouse.database) {
    throw new BackupError(
      `Expected a backup of the database ${clickhouse.database}, found ${name} of ${database}.`,
    );
  }
  const plans: ShardPlan[] = [];
  const conflicts: string[] = [];
  for (const shard of place.shards.filter((one) => wanted.includes(one.shard))) {
    const backedUp = held.find((one) => one.shard === shard.shard);
    if (backedUp === undefined) continue;
    const tables: TablePlan[] = [];
    for (const table of backedUp.tables) {
      const present = await askPresent(shard, database, table);
      const conflict = conflictOf(shard, present);
      if (conflict !== undefined && !replace) conflicts.push(conflict);
      tables.push(planTable(shard, present, conflict !== undefined));
    }
    plans.push({ shard, backedUp, tables });
  }
  if (conflicts.length > 0) {
    throw new BackupError(
      `Expected tables that are absent, empty, or hold what ${name} holds; found ${conflicts.join('; ')}. Nothing was restored. --replace drops them first.`,
    );
  }
  return plans;
}

const definitionRow = z.object({ definition: z.string() });

async function askPresent(
  { nodes }: PlatformShard,
  database: string,
  table: BackedUpTable,
): Promise<Present> {
  const on = await Promise.all(
    nodes.map(async (node) => {
      const [found] = await node.query(
        `SELECT create_table_query AS definition FROM system.tables
         WHERE database = ${quoteText(database)} AND name = ${quoteText(table.name)}`,
        definitionRow,
      );
      if (found === undefined) return [];
      const { definition } = found;
      if (definition !== table.definition) {
        return [{ definition, content: { node: node.node.name, rows: 0, hash: '0' } }];
      }
      return [{ definition, content: await askContent(node, database, table) }];
    }),
  );
  return { table, on: on.flat() };
}

const holds = (table: BackedUpTable, content: TableContent): boolean =>
  table.contents.every((held) => sameContent(held, content));

/** Why a table cannot be restored into as it is. */
function conflictOf({ shard }: PlatformShard, { table, on }: Present): string | undefined {
  const other = on.find(({ definition }) => definition !== table.definition);
  if (other !== undefined) {
    return `another definition of ${table.name} on ${other.content.node}`;
  }
  const filled = on.find(({ content }) => content.rows > 0 && !holds(table, content));
  return (
    filled &&
    `${filled.content.rows} other rows in ${table.name} of shard ${shard} on ${filled.content.node}`
  );
}

function planTable({ nodes }: PlatformShard, { table, on }: Present, drop: boolean): TablePlan {
  const all = nodes.map(({ node }) => node.name);
  const have = on.map(({ content }) => content.node);
  if (drop) return { table, drop: have, make: all, rows: true };
  const isHeld = on.some(({ content }) => content.rows > 0 && holds(table, content));
  return {
    ...{ table, drop: [], make: all.filter((node) => !have.includes(node)) },
    rows: !isHeld && table.contents.some(({ rows }) => rows > 0),
  };
}
