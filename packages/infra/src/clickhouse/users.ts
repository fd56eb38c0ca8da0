import { createHash } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';
import { CURRENT_DIALECT, type ClickHouseDialect } from './dialect.ts';
import { METRICS_GRANTS } from './metrics.ts';
import { xml } from './xml.ts';

/** The accounts of a cluster: an administrator who may do everything, a reader who may only select. */
export interface ClickHouseAccounts {
  readonly administrator: { readonly name: string; readonly password: string };
  readonly reader: { readonly name: string; readonly password: string };
  /** Sees the state of all tables and nothing that is in them. */
  readonly monitor?: { readonly name: string; readonly password: string };
}

/** The accounts that the secrets name. */
export const accountsOf = (secrets: Secrets): ClickHouseAccounts => ({
  administrator: { name: secrets.super_user_name, password: secrets.super_user_password },
  reader: { name: secrets.bi_user_name, password: secrets.bi_user_password },
});

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export interface UsersConfigOptions {
  /** Whether the embedded engine reads it. */
  readonly embedded: boolean;
  /** Whether it is merged over an image's users, of which `default` is then removed. */
  readonly overImage?: boolean;
  /** Today's unless given. */
  readonly dialect?: ClickHouseDialect;
}

/**
 * The users of a node as XML; passwords appear only as SHA-256.
 *
 * `embedded` adds the `default` user that the embedded engine needs for its own session. That session
 * cannot give a password, and its address is a loopback one, so the user is shut for everybody else by
 * letting it have one session only: the engine's own, which is the first and never ends.
 * Elements: https://clickhouse.com/docs/operations/settings/settings-users
 */
export function renderUsersConfig(
  accounts: ClickHouseAccounts,
  database: string,
  { embedded, overImage = false, dialect = CURRENT_DIALECT }: UsersConfigOptions,
): string {
  const { rootElement, synchronousInserts, confinement } = dialect;
  const loopback = { ip: ['127.0.0.1', '::1'] };
  const everywhere = { ip: ['::/0'] };
  const networks = embedded ? loopback : everywhere;
  return xml.build({
    [rootElement]: {
      profiles: {
        default: { [synchronousInserts]: 1 },
        reader: { readonly: 2 },
        // The engine's own session is the one. Its statements must not be limited in number: what a
        // Replicated database executes meanwhile counts as the same user's.
        ...(embedded && { engine: { max_sessions_for_user: 1 } }),
      },
      quotas: { default: '' },
      users: {
        ...(overImage && { default: { '@_remove': 'remove' } }),
        ...(embedded && {
          default: {
            password: '',
            networks: loopback,
            profile: 'engine',
            quota: 'default',
            grants: {
              query: ['GRANT SYSTEM LISTEN ON *.*', 'GRANT SELECT ON system.numbers'],
            },
          },
        }),
        [accounts.administrator.name]: {
          password_sha256_hex: sha256(accounts.administrator.password),
          networks,
          profile: 'default',
          quota: 'default',
          access_management: 1,
          named_collection_control: 1,
        },
        [accounts.reader.name]: {
          password_sha256_hex: sha256(accounts.reader.password),
          networks,
          profile: 'reader',
          quota: 'default',
          ...(confinement === 'grants'
            ? {
                grants: {
                  query: [
                    `GRANT SELECT, SHOW ON ${database}.*`,
                    'GRANT SELECT ON system.one',
                    'GRANT SELECT ON system.numbers',
                  ],
                },
              }
            : { allow_databases: { database } }),
        },
        ...(accounts.monitor && {
          [accounts.monitor.name]: {
            password_sha256_hex: sha256(accounts.monitor.password),
            networks,
            profile: 'reader',
            quota: 'default',
            grants: { query: METRICS_GRANTS },
          },
        }),
      },
    },
  });
}
