import { resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { rowHash, type Columns } from './content.ts';
import { hashesAllTypes } from './dialect.ts';
import type { StoredTable } from './stored-table.ts';

/** The rows of a table, as they are compared with those of another node or moment. */
export interface ComparedRows {
  /** What stands after FROM. */
  readonly from: string;
  /** The columns that are compared. */
  readonly columns: Columns;
  /** An expression for the hash of a row. */
  readonly hash: string;
}

/** How a node reads and hashes the rows of a table. @throws QueryError */
export async function comparedRows(
  client: NodeClient,
  { from, merges }: StoredTable,
  columns: Columns,
): Promise<ComparedRows> {
  const allTypes = await hashesAllTypes(client);
  return { from, columns, hash: rowHash(columns, { merged: merges, allTypes }) };
}

const [ROWS, CONTENT] = [resultName('rows'), resultName('content')];

/** The statement that gives a table's content in two numbers that do not depend on the order of the rows. */
export const contentSql = ({ from, hash }: ComparedRows): string =>
  `SELECT count() AS ${ROWS}, toString(sum(${hash})) AS ${CONTENT} FROM ${from}`;

/** A row of its answer: how many rows there are, and the sum of their hashes. */
export const contentRow = resultRow({ rows: z.coerce.number(), content: z.string() });
