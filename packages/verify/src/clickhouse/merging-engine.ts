import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';

/** Engines that make one row of several when parts are merged, and that can be read with FINAL. */
const MERGING = /(Replacing|Collapsing|Summing|Aggregating|Coalescing)MergeTree$/;

/** Whether an engine makes one row of several, so that only FINAL reads what the rows mean. */
export const mergesRows = (engine: string): boolean => MERGING.test(engine);

/**
 * The engine of a table on a node, as `system.tables` names it; empty where there is no such table.
 * @throws QueryError
 */
export async function engineOf(
  { query }: Pick<NodeClient, 'query'>,
  database: string,
  table: string,
): Promise<string> {
  const sql = `SELECT engine FROM system.tables
    WHERE database = ${quoteText(database)} AND name = ${quoteText(table)}`;
  const [found] = await query(sql, z.object({ engine: z.string() }));
  return found?.engine ?? '';
}
