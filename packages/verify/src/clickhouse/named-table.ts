import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';

/** A table as a contract names it: in the deployment's database unless it says another one. */
export interface NamedTable {
  readonly name: string;
  readonly database?: string | undefined;
}

/** The database that a table is in. */
export const databaseOf = ({ clickhouse }: Deployment, { database }: NamedTable): string =>
  database ?? clickhouse.database;

/** `database`.`table`, quoted. */
export const qualifiedName = (deployment: Deployment, table: NamedTable): string =>
  `${quoteName(databaseOf(deployment, table))}.${quoteName(table.name)}`;

/** The condition that a row of a system table is of one of these tables, whose name is in that column. */
export const isOneOf = (
  deployment: Deployment,
  tables: readonly NamedTable[],
  column: 'table' | 'name' = 'table',
): string => {
  const names = tables.map(
    (table) => `(${quoteText(databaseOf(deployment, table))}, ${quoteText(table.name)})`,
  );
  return `(database, ${column}) IN (${names.join(', ')})`;
};
