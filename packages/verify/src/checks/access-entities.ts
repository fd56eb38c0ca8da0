import type { ClusterCheck } from '../check.ts';
import type { SystemRow } from '../clickhouse/system-rows.ts';
import type { ThingKind } from '../contract/allowed-differences.ts';
import { compareNodes } from '../inventory/compare-nodes.ts';
import type { Thing } from '../inventory/compare-things.ts';
import { propertiesOf, type Source } from '../inventory/source.ts';

/** What rows of one system table say of entities, each by its name. */
const entities = (subject: string, table: string, kind: ThingKind, name = 'name'): Source => ({
  subject,
  sql: `SELECT * FROM system.${table}`,
  things: (rows) =>
    rows.map((row) => ({
      kind,
      name: String(row[name]),
      definition: propertiesOf(row, [name, 'id', 'short_name']),
    })),
});

/** `GRANT SELECT ON d.t TO name WITH GRANT OPTION`, or what revokes a part of it. */
function grant(row: SystemRow): Thing {
  const { access_type: privilege, access_object: object, column, database, table } = row;
  const columns = typeof column === 'string' ? `(${column})` : '';
  const on = object ? String(object) : `${String(database ?? '*')}.${String(table ?? '*')}`;
  const verb = row['is_partial_revoke'] ? 'REVOKE' : 'GRANT';
  const option = row['grant_option'] ? ' WITH GRANT OPTION' : '';
  const wildcard = row['is_wildcard'] ? '*' : '';
  return {
    kind: 'grant',
    name: grantee(row),
    definition: `${verb} ${String(privilege)}${columns} ON ${on}${wildcard}${option}`,
  };
}

const grantee = (row: SystemRow): string => String(row['user_name'] ?? row['role_name']);

const roleGrant = (row: SystemRow): Thing => ({
  kind: 'grant',
  name: grantee(row),
  definition: [
    `GRANT ${String(row['granted_role_name'])}`,
    ...(row['granted_role_is_default'] ? ['AS DEFAULT'] : []),
    ...(row['with_admin_option'] ? ['WITH ADMIN OPTION'] : []),
  ].join(' '),
});

/** A setting of a profile, or one that a user or a role has beside the profiles. */
function profileElement(row: SystemRow): Thing {
  const [kind, name] = row['profile_name']
    ? (['settings-profile', row['profile_name']] as const)
    : row['user_name']
      ? (['user', row['user_name']] as const)
      : (['role', row['role_name']] as const);
  const not = ['profile_name', 'user_name', 'role_name', 'index'];
  return { kind, name: String(name), definition: propertiesOf(row, not).replaceAll('\n', ', ') };
}

/** https://clickhouse.com/docs/operations/system-tables/users and its neighbours */
const sources: readonly Source[] = [
  entities('users', 'users', 'user'),
  entities('roles', 'roles', 'role'),
  {
    subject: 'grants',
    sql: 'SELECT * FROM system.grants',
    things: (rows) => rows.map(grant),
  },
  {
    subject: 'granted roles',
    sql: 'SELECT * FROM system.role_grants',
    things: (rows) => rows.map(roleGrant),
  },
  entities('row policies', 'row_policies', 'row-policy'),
  entities('quotas', 'quotas', 'quota'),
  entities('limits of quotas', 'quota_limits', 'quota', 'quota_name'),
  entities('settings profiles', 'settings_profiles', 'settings-profile'),
  {
    subject: 'settings of profiles, users and roles',
    sql: 'SELECT * FROM system.settings_profile_elements',
    things: (rows) => rows.map(profileElement),
  },
];

export const accessEntities: ClusterCheck = {
  name: 'access-entities',
  title: 'Users, roles, grants, policies, quotas and profiles are the same on all nodes',
  scope: 'cluster',
  independentOfRun: true,
  security: true,
  proves:
    'Every node has the same users with the same ways to log in and hosts, roles, grants, row policies, ' +
    'quotas, settings profiles and settings of users. No password is read, nor its hash: whether ' +
    'passwords are equal, the checks that log in show for the known accounts.',
  run: (context) => compareNodes(context, sources),
};
