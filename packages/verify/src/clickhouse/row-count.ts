import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import type { NamedTable } from './named-table.ts';
import { askRows } from './stored-table.ts';
import { firstReplicas } from './whole-table.ts';

const countRow = z.object({ rows: z.coerce.number() });

/** A number of rows, with the statement that gave it. */
export interface RowCount {
  readonly rows: number;
  readonly sql: string;
}

/** The rows of a local table on one node, merged where its engine merges them. @throws QueryError */
export const countRows = async (
  client: NodeClient,
  deployment: Deployment,
  local: NamedTable,
): Promise<RowCount> =>
  count(client, `SELECT count() AS rows FROM ${await askRows(client, deployment, local)}`);

/**
 * The rows that a node counts through a table that is distributed over a local one, merged where its
 * engine merges them, and read from the first replica of each shard. @throws QueryError
 */
export async function countThrough(
  client: NodeClient,
  deployment: Deployment,
  local: NamedTable,
  distributed: NamedTable,
): Promise<RowCount> {
  const from = await askRows(client, deployment, local, distributed);
  const settings = await firstReplicas(client);
  return count(client, `SELECT count() AS rows FROM ${from} ${settings}`.trim());
}

async function count(client: NodeClient, sql: string): Promise<RowCount> {
  const [found] = await client.query(sql, countRow);
  return { rows: found?.rows ?? 0, sql };
}
