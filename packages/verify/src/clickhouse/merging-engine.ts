import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { tableQuestion } from './each-table.ts';

export { mergesRows } from '@provehouse/infra/clickhouse';

const engineRow = z.object({ engine: z.string() });
const askEngine = tableQuestion({ columns: 'engine', from: 'system.tables', row: engineRow });

/**
 * The engine of a table on a node, as `system.tables` names it; empty where there is no such table.
 * @throws QueryError
 */
export async function engineOf(
  client: Pick<NodeClient, 'query'>,
  database: string,
  table: string,
): Promise<string> {
  const [found] = await askEngine(client, { database, table });
  return found?.engine ?? '';
}
