import type { Deployment } from '@provehouse/infra';
import type { NodeClient } from './cluster.ts';
import { comparedRows, contentRow, contentSql } from './compared-rows.ts';
import type { NamedTable } from './named-table.ts';
import { askStoredTable } from './stored-table.ts';

/** What a node's table holds, in two numbers that do not depend on the order of the rows. */
export interface TableContent {
  readonly rows: number;
  /** The sum of the rows' hashes over all columns that are stored. */
  readonly hash: string;
  /** The statement that gave them; the server reads the rows, two numbers leave it. */
  readonly sql: string;
}

/** A table's content on one node. @throws QueryError */
export async function tableContent(
  client: NodeClient,
  deployment: Deployment,
  table: NamedTable,
): Promise<TableContent> {
  const stored = await askStoredTable(client, deployment, table);
  const sql = contentSql(await comparedRows(client, stored, stored.columns));
  const [found] = await client.query(sql, contentRow);
  return { rows: found?.rows ?? 0, hash: found?.content ?? '0', sql };
}
