import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { hasSystemColumn } from './dialect.ts';

/** When parts lose what a TTL takes, as they have noted it themselves. */
export interface TtlTime {
  /** The column, or empty for rows. */
  readonly column: string;
  /** The expression that rows are chosen by besides, or empty. */
  readonly expression: string;
  /** The first and the last expiry, in UTC. */
  readonly first: string;
  readonly last: string;
}

const timeRow = z.object({
  column: z.string(),
  expression: z.string(),
  first: z.string(),
  last: z.string(),
});

/** Each kind of TTL: the table and the column in which parts note it, and the SELECT of it. */
const SOURCES = [
  {
    table: 'parts',
    column: 'delete_ttl_info_min',
    select: `'' AS column, '' AS expression, delete_ttl_info_min AS low, delete_ttl_info_max AS high
      FROM system.parts`,
  },
  {
    table: 'parts',
    column: 'rows_where_ttl_info.min',
    select: `'' AS column, rows_where_ttl_info.expression AS expression,
        rows_where_ttl_info.min AS low, rows_where_ttl_info.max AS high
      FROM system.parts ARRAY JOIN rows_where_ttl_info`,
  },
  {
    table: 'parts_columns',
    column: 'column_ttl_min',
    select: `column, '' AS expression, column_ttl_min AS low, column_ttl_max AS high
      FROM system.parts_columns`,
  },
] as const;

/**
 * When the active parts of a table lose rows and values by TTL; nothing of parts that have not noted it
 * yet, and nothing on servers that do not show it.
 * Source: https://clickhouse.com/docs/operations/system-tables/parts
 * @throws QueryError
 */
export async function ttlTimes(
  client: NodeClient,
  database: string,
  table: string,
): Promise<TtlTime[]> {
  const where = `active AND database = ${quoteText(database)} AND table = ${quoteText(table)}`;
  const asked = SOURCES.map(async (source) => {
    if (!(await hasSystemColumn(client, source.table, source.column))) return [];
    return client.query(
      `SELECT column, expression, toString(min(low), 'UTC') AS first, toString(max(high), 'UTC') AS last
       FROM (SELECT ${source.select} WHERE ${where}) WHERE toUnixTimestamp(low) > 0
       GROUP BY column, expression ORDER BY first`,
      timeRow,
    );
  });
  return (await Promise.all(asked)).flat();
}
