import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { coordinationRows } from './coordination-rows.ts';
import { pathQuestion } from './each-path.ts';
import { tableQuestion } from './each-table.ts';
import type { Replica } from './replicated.ts';

const partRow = z.object({ name: z.string() });

/** How many names there are, and what they come to whatever their order. */
const namesRow = z.object({ parts: z.coerce.number(), names: z.string() });
const registeredNames = pathQuestion({
  columns: 'count() AS parts, toString(sum(cityHash64(name))) AS names',
  row: namesRow,
});
/** The same of the parts that are active, and of all. */
const namesOnNode = tableQuestion({
  columns: `countIf(active) AS active_parts, toString(sumIf(cityHash64(name), active)) AS active_names,
    count() AS all_parts, toString(sum(cityHash64(name))) AS all_names`,
  from: 'system.parts',
  group: '',
  row: z
    .object({
      ...{ active_parts: z.coerce.number(), active_names: z.string() },
      ...{ all_parts: z.coerce.number(), all_names: z.string() },
    })
    .transform((row) => [
      { parts: row.active_parts, names: row.active_names },
      // Those that are no longer active stay in coordination until they are removed.
      { parts: row.all_parts, names: row.all_names },
    ]),
});
const NO_NAMES = { parts: 0, names: '0' };

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
  const [[onNode = [NO_NAMES]], registered = NO_NAMES] = await Promise.all([
    namesOnNode(client, { database, table }),
    registeredNames(client, `${replica_path}/parts`),
  ]);
  if (onNode.some(({ parts, names }) => parts === registered.parts && names === registered.names)) {
    return { unregistered: [], missing: [], sql };
  }
  const [unregistered, missing] = await Promise.all([
    coordinationRows(client, sql[0], partRow),
    coordinationRows(client, sql[1], partRow),
  ]);
  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name);
  return { unregistered: names(unregistered), missing: names(missing), sql };
}
