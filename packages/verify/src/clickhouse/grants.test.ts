import { expect, test } from 'vitest';
import type { NodeClient } from './cluster.ts';
import {
  effectiveGrants,
  exceedsReading,
  grantsOf,
  mayInsert,
  shownGrant,
  type Grant,
} from './grants.ts';

const grant = (access_type: string, database: string | null, more: Partial<Grant> = {}): Grant => ({
  ...{ access_type, access_object: '', database, table: null, column: null, role_name: null },
  ...{ is_partial_revoke: 0, grant_option: 0, ...more },
});

test.each([
  [grant('SELECT', 'shop'), false],
  [grant('SHOW', 'shop'), false],
  [grant('SHOW TABLES', null), false],
  [grant('dictGet', 'shop', { table: 'rates' }), false],
  [grant('SELECT', 'system', { table: 'one' }), false],
  [grant('SELECT', 'INFORMATION_SCHEMA'), false],
  [grant('CREATE TEMPORARY TABLE', null), false],
  [grant('SELECT', 'system', { table: 'query_log' }), true],
  [grant('SELECT', 'system'), true],
  [grant('SELECT', null), true],
  [grant('SELECT', 'other'), true],
  [grant('dictGet', null), true],
  [grant('INSERT', 'shop'), true],
  [grant('URL', null), true],
  [grant('SHOW ACCESS', null), true],
  [grant('SELECT', 'shop', { grant_option: 1 }), true],
])('%o', (given, exceeds) => {
  expect(exceedsReading(given, ['shop'])).toBe(exceeds);
});

test('a profile that only reads takes what writes, one without DDL takes definitions', () => {
  const grants = [
    ...['INSERT', 'CREATE TABLE', 'KILL QUERY', 'SYSTEM FLUSH', 'URL'].map((right) =>
      grant(right, null),
    ),
    grant('SELECT', null, { is_partial_revoke: 1 }),
  ];
  const left = (readonly: number, allowDdl: boolean) =>
    effectiveGrants(grants, { readonly, allowDdl }).map(({ access_type }) => access_type);
  expect(left(2, true)).toEqual(['URL']);
  expect(left(0, false)).toEqual(['INSERT', 'KILL QUERY', 'SYSTEM FLUSH', 'URL']);
  expect(left(0, true)).toHaveLength(5);
});

test('grants of roles count, also of roles of roles that are granted to each other', async () => {
  const given = [
    { user_name: 'bi', role_name: null, granted_role_name: 'analyst' },
    { user_name: null, role_name: 'analyst', granted_role_name: "loader's" },
    { user_name: null, role_name: "loader's", granted_role_name: 'analyst' },
    { user_name: 'other', role_name: null, granted_role_name: 'admin' },
  ];
  const asked: string[] = [];
  const client = {
    async query(sql: string) {
      asked.push(sql);
      return sql.includes('role_grants') ? given : [];
    },
  } as unknown as NodeClient;
  await grantsOf(client, 'bi');
  expect(asked[1]).toContain(String.raw`user_name = 'bi'`);
  expect(asked[1]).toContain(String.raw`role_name IN ('analyst', 'loader\'s')`);
});

test.each([
  [grant('INSERT', 'shop', { table: 'orders' }), 'INSERT ON shop.orders'],
  [grant('READ', null, { access_object: 'FILE' }), 'READ ON FILE'],
  [grant('SELECT', null, { role_name: 'all' }), 'SELECT ON *.* (by role all)'],
  [grant('SELECT', 'shop', { table: 't', column: 'c' }), 'SELECT(c) ON shop.t'],
])('%o is shown', (given, shown) => {
  expect(shownGrant(given)).toBe(shown);
});

test.each([
  ['INSERT on everything', [grant('INSERT', null)], true],
  ['ALL on the database', [grant('ALL', 'shop')], true],
  ['INSERT on the table', [grant('INSERT', 'shop', { table: 'orders' })], true],
  ['INSERT on another table', [grant('INSERT', 'shop', { table: 'users' })], false],
  ['INSERT of a column', [grant('INSERT', 'shop', { table: 'orders', column: 'id' })], false],
  ['SELECT', [grant('SELECT', null)], false],
  [
    'INSERT that was revoked for the table',
    [grant('INSERT', null), grant('INSERT', 'shop', { table: 'orders', is_partial_revoke: 1 })],
    false,
  ],
])('%s', (_, grants, allowed) => {
  expect(mayInsert(grants, 'shop', 'orders')).toBe(allowed);
});
