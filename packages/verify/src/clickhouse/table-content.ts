import type { Deployment } from '@provehouse/infra';
import { z } from 'zod';
import type { LocalTable } from '../contract/contract.ts';
import { tableName, type NodeClient } from './cluster.ts';
import { contentHash } from './content.ts';

/** What a node's table holds, in two numbers that do not depend on the order of the rows. */
export interface TableContent {
  readonly rows: number;
  /** The sum of the rows' hashes over all columns of the contract. */
  readonly hash: string;
}

const contentSchema = z.object({ rows: z.coerce.number(), hash: z.string() });

/** The statement that gives a table's content; the server reads the rows, two numbers leave it. */
export function contentQuery(deployment: Deployment, { name, columns }: LocalTable): string {
  const hash = contentHash(columns);
  return `SELECT count() AS rows, ${hash} AS hash FROM ${tableName(deployment, name)}`;
}

/** A table's content on one node. @throws QueryError */
export async function tableContent(
  node: NodeClient,
  deployment: Deployment,
  table: LocalTable,
): Promise<TableContent> {
  const [content] = await node.query(contentQuery(deployment, table), contentSchema);
  return content ?? { rows: 0, hash: '0' };
}
