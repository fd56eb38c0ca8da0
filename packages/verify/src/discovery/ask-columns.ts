import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { SERVER_DATABASES } from '../clickhouse/user-tables.ts';

const columnRow = z.object({
  table: z.string(),
  name: z.string(),
  type: z.string(),
  default_kind: z.string(),
  default_expression: z.string(),
});

/** A column as it is defined. */
export interface DefinedColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: string;
  readonly expression: string;
}

/** The columns of the users' tables, in their order, by `database.name`. @throws QueryError */
export async function askColumns(
  client: Pick<NodeClient, 'query'>,
): Promise<ReadonlyMap<string, readonly DefinedColumn[]>> {
  const sql = `SELECT concat(database, '.', table) AS table, name, type, default_kind, default_expression
    FROM system.columns WHERE database NOT IN ${SERVER_DATABASES}`;
  const rows = await client.query(sql, columnRow);
  const described = rows.map(({ table, name, type, default_kind, default_expression }) => ({
    table,
    column: { name, type, kind: default_kind, expression: default_expression },
  }));
  return new Map(
    [...Map.groupBy(described, ({ table }) => table)].map(([table, of]) => [
      table,
      of.map(({ column }) => column),
    ]),
  );
}
