import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { NodeClient } from './cluster.ts';

const grantRow = z.looseObject({
  access_type: z.string(),
  /** Such as FILE in `READ ON FILE`; absent in old versions. */
  access_object: z.string().optional(),
  database: z.string().nullable(),
  table: z.string().nullable(),
  column: z.string().nullable(),
  role_name: z.string().nullable(),
  is_partial_revoke: z.coerce.number(),
  grant_option: z.coerce.number(),
});
/** A row of `system.grants` (https://clickhouse.com/docs/operations/system-tables/grants). */
export type Grant = z.infer<typeof grantRow>;

const roleRow = z.object({
  user_name: z.string().nullable(),
  role_name: z.string().nullable(),
  granted_role_name: z.string(),
});

/** The grants of a user and of its roles, also those that only `SET ROLE` gives. @throws QueryError */
export async function grantsOf(client: NodeClient, user: string): Promise<readonly Grant[]> {
  const given = await client.query(
    'SELECT user_name, role_name, granted_role_name FROM system.role_grants',
    roleRow,
  );
  const roles = new Set<string>();
  const take = (grantee: (row: z.infer<typeof roleRow>) => boolean): void => {
    for (const { granted_role_name: role } of given.filter(grantee)) {
      if (roles.has(role)) continue;
      roles.add(role);
      take((row) => row.role_name === role);
    }
  };
  take((row) => row.user_name === user);
  return client.query(grantsSql(user, [...roles]), grantRow);
}

const grantsSql = (user: string, roles: readonly string[]): string =>
  `SELECT * FROM system.grants
   WHERE user_name = ${quoteText(user)}
     ${roles.length === 0 ? '' : `OR role_name IN (${roles.map(quoteText).join(', ')})`}
   ORDER BY access_type, database, table, column`;

/** A grant as a statement has it, such as `INSERT ON shop.orders`. */
export function shownGrant(grant: Grant): string {
  const { access_type, access_object = '', database, table, column, role_name } = grant;
  const right = `${access_type}${column === null ? '' : `(${column})`}`;
  const on = access_object === '' ? `${database ?? '*'}.${table ?? '*'}` : access_object;
  return `${right} ON ${on}${role_name === null ? '' : ` (by role ${role_name})`}`;
}

/**
 * What `readonly` other than 0 takes away whatever was granted.
 * Source: https://github.com/ClickHouse/ClickHouse/blob/master/src/Access/ContextAccess.cpp, `not_readonly_flags`
 */
const WRITES =
  /^(INSERT|OPTIMIZE|CREATE|ALTER|DROP|UNDROP|TRUNCATE|SYSTEM|KILL QUERY|MOVE PARTITION|ROLE ADMIN|ACCESS MANAGEMENT|ALLOW SQL SECURITY NONE|IMPERSONATE|TABLE ENGINE|SET DEFINER)/;
const DEFINES = /^(CREATE|ALTER|DROP|UNDROP|TRUNCATE)/;

/** Of grants those that are of use to an account with these settings. */
export const effectiveGrants = (
  grants: readonly Grant[],
  { readonly, allowDdl }: { readonly readonly: number; readonly allowDdl: boolean },
): readonly Grant[] =>
  grants.filter(
    ({ access_type, is_partial_revoke }) =>
      is_partial_revoke === 0 &&
      !(readonly > 0 && WRITES.test(access_type)) &&
      !(!allowDdl && DEFINES.test(access_type)),
  );

/** What shows others, or what the server hides from users. */
const PRIVATE_SYSTEM_TABLES = [
  'processes',
  'query_log',
  'query_thread_log',
  'session_log',
  'text_log',
  'users',
  'grants',
];
/** What shows definitions alone, or does nothing without another right. */
const HARMLESS =
  /^(SHOW( DATABASES| TABLES| COLUMNS| DICTIONARIES)?|CHECK|CLUSTER|TABLE ENGINE|CREATE (ARBITRARY )?TEMPORARY (TABLE|VIEW)|NONE)$/;

/** Definitions under the names of the SQL standard. */
const INFORMATION_SCHEMA = ['information_schema', 'INFORMATION_SCHEMA'];

/** Whether a grant allows more than to read the tables of some databases. */
export function exceedsReading(
  { access_type, database, table, grant_option }: Grant,
  own: readonly string[],
): boolean {
  if (grant_option === 1) return true;
  if (HARMLESS.test(access_type)) return false;
  if (access_type !== 'SELECT' && access_type !== 'dictGet') return true;
  if (database === 'system') return table === null || PRIVATE_SYSTEM_TABLES.includes(table);
  return database === null || ![...own, ...INFORMATION_SCHEMA].includes(database);
}

/** Whether grants allow to insert whole rows into a table; what was revoked again of it does not count. */
export function mayInsert(grants: readonly Grant[], database: string, table: string): boolean {
  const about = grants.filter(
    (grant) =>
      ['INSERT', 'ALL'].includes(grant.access_type) &&
      (grant.database === null || grant.database === database) &&
      (grant.table === null || grant.table === table),
  );
  const revoked = about.some(({ is_partial_revoke }) => is_partial_revoke === 1);
  return !revoked && about.some((grant) => grant.is_partial_revoke === 0 && grant.column === null);
}
