import { z } from 'zod';
import type { ConnectedNode } from '../clickhouse/node-client.ts';
import { QueryError } from '../clickhouse/query-error.ts';
import { quoteText } from '../clickhouse/quote.ts';
import type { BackupPlace } from './backup-place.ts';
import type { Manifest } from './manifest.ts';

const UNKNOWN_TABLE = '60';
const nameRow = z.object({ name: z.string() });

/**
 * Makes the tables of a backup that have no rows of their own where they are not; those that are there stay
 * as they are. They are made after the tables with rows, so that no view fills one of these meanwhile.
 * @throws QueryError for one that cannot be made
 */
export async function makeDefinitions({ shards }: BackupPlace, manifest: Manifest): Promise<void> {
  const nodes = shards.flatMap((shard) => shard.nodes);
  await Promise.all(nodes.map((node) => makeOn(node, manifest)));
}

async function makeOn(
  node: ConnectedNode,
  { database, definitions }: Pick<Manifest, 'database' | 'definitions'>,
): Promise<void> {
  const present = await node.query(
    `SELECT name FROM system.tables WHERE database = ${quoteText(database)}`,
    nameRow,
  );
  let missing = definitions.filter(({ name }) => !present.some((table) => table.name === name));
  while (missing.length > 0) {
    const waiting: typeof missing = [];
    let last: unknown;
    for (const table of missing) {
      try {
        await node.command(table.definition);
      } catch (error) {
        // A view may be of one that comes after it.
        if (!(error instanceof QueryError) || error.code !== UNKNOWN_TABLE) throw error;
        waiting.push(table);
        last = error;
      }
    }
    if (waiting.length === missing.length) throw last;
    missing = waiting;
  }
}
