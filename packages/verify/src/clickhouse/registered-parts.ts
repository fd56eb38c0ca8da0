import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { coordinationRows } from './coordination-rows.ts';
import { pathQuestion } from './each-path.ts';
import { tableQuestion } from './each-table.ts';
import type { Replica } from './replicated.ts';

const partRow = z.object({ name: z.string() });

/** How many names there are, and what they come to whatever their order. */
const NAMES = { columns: 'count() AS parts, toString(sum(cityHash64(name))) AS names' } as const;
const namesRow = z.object({ parts: z.coerce.number(), names: z.string() });
const NO_NAMES = { parts: 0, names: '0' };
const askActive = tableQuestion({
  ...{ ...NAMES, from: 'system.parts', where: 'active', group: '', row: namesRow },
});
const askRegistered = pathQuestion({ ...NAMES, row: namesRow });

/** Parts that a replica and coordination do not both know. */
export interface UnmatchedParts {
  /** Active on the node, and not in coordination: they go when the replica starts again. */
  readonly unregistered: readonly string[];
  /** In coordination, and not on the node. */
  readonly missing: readonly string[];
  /** The statements that find them. */
  readonly sql: readonly [string, string];
}

/**
 * Holds the parts of a replica against those that coordination has for it. A part that is being
 * committed or removed may be among them for a moment. Where the names of both come to the same, which is
 * asked of many tables at once, they are not compared one by one. @throws QueryError
 */
export async function unmatchedParts(
  client: NodeClient,
  { database, table, replica_path }: Pick<Replica, 'database' | 'table' | 'replica_path'>,
): Promise<UnmatchedParts> {
  const here = `database = ${quoteText(database)} AND table = ${quoteText(table)}`;
  const there = `path = ${quoteText(`${replica_path}/parts`)}`;
  const sql = [
    `SELECT name FROM system.parts WHERE active AND ${here}
      AND name NOT IN (SELECT name FROM system.zookeeper WHERE ${there}) ORDER BY name`,
    // Those that are no longer active stay in coordination until they are removed.
    `SELECT name FROM system.zookeeper WHERE ${there}
      AND name NOT IN (SELECT name FROM system.parts WHERE ${here}) ORDER BY name`,
  ] as const;
  const [[active = NO_NAMES], registered = NO_NAMES] = await Promise.all([
    askActive(client, { database, table }),
    askRegistered(client, `${replica_path}/parts`),
  ]);
  if (active.parts === registered.parts && active.names === registered.names) {
    return { unregistered: [], missing: [], sql };
  }
  const [unregistered, missing] = await Promise.all([
    coordinationRows(client, sql[0], partRow),
    coordinationRows(client, sql[1], partRow),
  ]);
  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);
  return { unregistered: names(unregistered), missing: names(missing), sql };
}
