import type { Deployment } from '@provehouse/infra';
import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { databaseOf, type NamedTable } from './named-table.ts';

const UNKNOWN_TABLE = '60';
const countRow = z.object({ tables: z.coerce.number() });

/**
 * Makes sure that the node has the table, for checks that look for what is wrong with it: where there
 * is no table nothing is wrong with it either, and nothing is proven.
 * @throws QueryError with ClickHouse's code of an unknown table
 */
export async function requireTable(
  client: NodeClient,
  deployment: Deployment,
  table: NamedTable,
): Promise<void> {
  const database = databaseOf(deployment, table);
  const sql = `SELECT count() AS tables FROM system.tables
    WHERE database = ${quoteText(database)} AND name = ${quoteText(table.name)}`;
  const [found] = await client.query(sql, countRow);
  if (found === undefined || found.tables === 0) {
    const name = `${database}.${table.name}`;
    throw new QueryError(`${client.node.name} has no table ${name}`, UNKNOWN_TABLE);
  }
}
