import type { NodeRoute } from './node-route.ts';
import { quoteText } from './quote.ts';

const KILL_WITHIN_MS = 2_000;

/**
 * Kills queries of one's own on their node, over a connection of its own, as far as it answers and the
 * account may: https://clickhouse.com/docs/sql-reference/statements/kill#kill-query
 */
export async function killQueries(
  open: () => NodeRoute,
  queryIds: readonly string[],
): Promise<void> {
  if (queryIds.length === 0) return;
  const limit = AbortSignal.timeout(KILL_WITHIN_MS);
  const query = `KILL QUERY WHERE query_id IN (${queryIds.map(quoteText).join(', ')}) ASYNC`;
  const route = open();
  try {
    await route.run(
      (client, query_id) => client.command({ query, query_id, abort_signal: limit }),
      limit,
    );
  } catch {
    // A node that does not answer cannot be asked; there the query ends with its own limits.
  } finally {
    await route.close();
  }
}
