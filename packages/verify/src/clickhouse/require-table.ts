import type { Deployment } from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';
import { engineOf } from './merging-engine.ts';
import { databaseOf, type NamedTable } from './named-table.ts';

const UNKNOWN_TABLE = '60';

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
  if ((await engineOf(client, database, table.name)) === '') {
    const name = `${database}.${table.name}`;
    throw new QueryError(`${client.node.name} has no table ${name}`, UNKNOWN_TABLE);
  }
}
