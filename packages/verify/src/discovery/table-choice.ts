import { matchesGlob } from 'node:path';
import type { UserTable } from '../clickhouse/user-tables.ts';

/** Which tables are meant, by patterns such as `shop`, `events_*` and `shop.tmp_*`. */
export interface TableChoice {
  readonly databases: readonly string[];
  readonly tables: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * Whether a table is meant: all are, unless databases or tables are named, but those that are
 * excluded.
 */
export function isChosen(
  { database, name }: Pick<UserTable, 'database' | 'name'>,
  { databases, tables, exclude }: TableChoice,
): boolean {
  const matches = (pattern: string): boolean =>
    matchesGlob(pattern.includes('.') ? `${database}.${name}` : name, pattern);
  return (
    (databases.length === 0 || databases.some((pattern) => matchesGlob(database, pattern))) &&
    (tables.length === 0 || tables.some(matches)) &&
    !exclude.some(matches)
  );
}
