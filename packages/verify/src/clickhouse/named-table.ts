import type { Deployment } from '@provehouse/infra';
import { quoteName } from '@provehouse/infra/clickhouse';

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
