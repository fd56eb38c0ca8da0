import type { ConnectedNode } from '../clickhouse/node-client.ts';
import { BackupError } from './backup-error.ts';
import type { BackupPlace, PlatformShard } from './backup-place.ts';
import type { TableContent } from './manifest.ts';
import { askContent, qualified, sameContent, type FoundTable } from './stored-tables.ts';

/** What each replica of a shard holds, by table. */
export type Contents = ReadonlyMap<string, readonly TableContent[]>;

/** @throws BackupError where replicas of a shard do not hold the same, after each has what it was sent */
export async function agreedContents(
  { deployment }: BackupPlace,
  { shard, nodes }: PlatformShard,
  tables: readonly FoundTable[],
  signal: AbortSignal,
): Promise<Contents> {
  const { database } = deployment.clickhouse;
  const found = new Map<string, readonly TableContent[]>();
  for (const table of tables) {
    signal.throwIfAborted();
    const contents = await Promise.all(
      nodes.map(async (node) => {
        await node.command(`SYSTEM SYNC REPLICA ${qualified(database, table.name)}`);
        return askContent(node, database, table);
      }),
    );
    const [first] = contents;
    const other = contents.find((content) => first && !sameContent(first, content));
    if (first !== undefined && other !== undefined) {
      throw new BackupError(
        `Expected the replicas of shard ${shard} to hold the same of ${table.name}, found ${first.rows} rows on ${first.node} and ${other.rows} on ${other.node}, or others. Stop what writes to it, or look what keeps them apart: verify:cluster.`,
      );
    }
    found.set(table.name, contents);
  }
  return found;
}

/** The replica that rows are taken from. */
export function sourceOf({ shard, nodes }: PlatformShard): ConnectedNode {
  const [source] = nodes;
  if (source === undefined) throw new RangeError(`the shard ${shard} has no node`);
  return source;
}

/** @throws BackupError where rows came or went while they were backed up */
export async function expectUnchanged(
  { deployment }: BackupPlace,
  shard: PlatformShard,
  tables: readonly FoundTable[],
  before: Contents,
): Promise<void> {
  const { database } = deployment.clickhouse;
  for (const table of tables) {
    const [was] = before.get(table.name) ?? [];
    const is = await askContent(sourceOf(shard), database, table);
    if (was !== undefined && sameContent(was, is)) continue;
    throw new BackupError(
      `Expected nobody to write to ${table.name} while it was backed up, found ${was?.rows ?? 0} rows before and ${is.rows} after on ${is.node}, or others: what the backup holds could not be proven. It was removed. Stop what writes and take it again.`,
    );
  }
}
