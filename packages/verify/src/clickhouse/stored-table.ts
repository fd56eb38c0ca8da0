import type { Deployment } from '@provehouse/infra';
import { QueryError } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import type { Columns } from './content.ts';
import { tableQuestion } from './each-table.ts';
import { engineOf, mergesRows } from './merging-engine.ts';
import { databaseOf, qualifiedName, type NamedTable } from './named-table.ts';

const UNKNOWN_TABLE = '60';

const columnRow = z.object({ name: z.string(), type: z.string(), default_kind: z.string() });
const askColumns = tableQuestion({
  columns: 'name, type, default_kind',
  from: 'system.columns',
  row: columnRow,
});
/** Computed when they are read, or only while rows are inserted. */
const NOT_STORED = ['ALIAS', 'EPHEMERAL'];

/** A table of a node as far as it is stored, whatever a contract says of it. */
export interface StoredTable {
  /** What stands after FROM to read the rows as they are meant: merged where the engine merges them. */
  readonly from: string;
  /** Whether its rows are merged, now or later. */
  readonly merges: boolean;
  /** Types of the columns that are stored, by their names. */
  readonly columns: Columns;
}

/**
 * A table as a node stores it. Columns that are computed when they are read (ALIAS), or only while rows
 * are inserted (EPHEMERAL), are not among its columns; those of a Nested column are, as `n.k`.
 * @throws QueryError, with ClickHouse's code of an unknown table where there is none
 */
export async function askStoredTable(
  client: NodeClient,
  deployment: Deployment,
  table: NamedTable,
): Promise<StoredTable> {
  const database = databaseOf(deployment, table);
  const [all, engine] = await Promise.all([
    askColumns(client, { database, table: table.name }),
    engineOf(client, database, table.name),
  ]);
  const columns = all.filter(({ default_kind: kind }) => !NOT_STORED.includes(kind));
  if (columns.length === 0) {
    const words = `${client.node.name} shows no columns of ${database}.${table.name}`;
    throw new QueryError(words, UNKNOWN_TABLE);
  }
  const merges = mergesRows(engine);
  return {
    from: readAs(deployment, table, merges),
    merges,
    columns: Object.fromEntries(columns.map((column) => [column.name, column.type])),
  };
}

const readAs = (deployment: Deployment, table: NamedTable, merged: boolean): string =>
  `${qualifiedName(deployment, table)}${merged ? ' FINAL' : ''}`;

/**
 * What stands after FROM to read the rows of a local table as they are meant, merged where its engine
 * merges them; or to read them through a table that is distributed over it. @throws QueryError
 */
export async function askRows(
  client: NodeClient,
  deployment: Deployment,
  local: NamedTable,
  through: NamedTable = local,
): Promise<string> {
  const engine = await engineOf(client, databaseOf(deployment, local), local.name);
  return readAs(deployment, through, mergesRows(engine));
}

/** The columns that all of some tables have. */
export const commonColumns = (tables: readonly StoredTable[]): Columns => {
  const [first, ...others] = tables;
  return Object.fromEntries(
    Object.entries(first?.columns ?? {}).filter(([name]) =>
      others.every(({ columns }) => Object.hasOwn(columns, name)),
    ),
  );
};
