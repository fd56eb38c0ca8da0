import type { NodeClient } from './cluster.ts';
import { systemRows, type SystemRow } from './system-rows.ts';

/** Databases that servers bring along, as a list of SQL. */
export const SERVER_DATABASES = `('system', 'INFORMATION_SCHEMA', 'information_schema', '_temporary_and_external_tables')`;

const COLUMNS = `database, name, engine, engine_full, create_table_query, dependencies_database, dependencies_table`;
const FROM = `FROM system.tables WHERE database NOT IN ${SERVER_DATABASES} AND database != ''`;

/** https://clickhouse.com/docs/operations/system-tables/tables */
export const USER_TABLES = {
  sql: `SELECT ${COLUMNS}, uuid ${FROM}`,
  /** Before Atomic databases tables had no UUID. */
  olderSql: `SELECT ${COLUMNS} ${FROM}`,
} as const;

/** A table, view or dictionary of a user's database. */
export interface UserTable {
  readonly database: string;
  readonly name: string;
  /** The same on all nodes, also for a table that a view made: `.inner.<view>`. */
  readonly commonName: string;
  readonly engine: string;
  readonly engineFull: string;
  readonly definition: string;
  /** Absent in old servers. */
  readonly uuid: string | undefined;
  /** Views that take what is inserted, as `database.name`. */
  readonly dependents: readonly string[];
}

/** Tables that a server makes and removes by itself, such as while it refreshes a view. */
const PASSING = /^(?:\.tmp|_tmp_replace_)/;

/** A table in which a view keeps its rows: `.inner_id.<uuid of the view>`. */
const INNER = /^\.inner_id\.(?:(\w+)\.)?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/** The tables of the users' databases on a node. @throws QueryError */
export const readUserTables = async (client: NodeClient): Promise<UserTable[]> =>
  userTablesIn(await systemRows(client, USER_TABLES.sql, USER_TABLES.olderSql));

/** The tables that rows of `system.tables` describe. */
export function userTablesIn(rows: readonly SystemRow[]): UserTable[] {
  const views = new Map(rows.map(({ uuid, name }) => [uuid, String(name)]));
  return rows
    .filter(({ name }) => !PASSING.test(String(name)))
    .map((row) => ({
      database: String(row['database']),
      name: String(row['name']),
      commonName: commonName(String(row['name']), views),
      engine: String(row['engine']),
      engineFull: String(row['engine_full']),
      definition: String(row['create_table_query']),
      uuid: typeof row['uuid'] === 'string' ? row['uuid'] : undefined,
      dependents: pairs(row['dependencies_database'], row['dependencies_table']),
    }));
}

function commonName(name: string, views: ReadonlyMap<unknown, string>): string {
  const [, part, uuid] = INNER.exec(name) ?? [];
  // Old servers give no UUIDs at all.
  const view = uuid === undefined ? undefined : views.get(uuid);
  return view === undefined ? name : ['.inner', ...(part ? [part] : []), view].join('.');
}

const pairs = (databases: unknown, names: unknown): string[] =>
  Array.isArray(databases) && Array.isArray(names)
    ? databases.map((database, index) => `${String(database)}.${String(names[index])}`)
    : [];
