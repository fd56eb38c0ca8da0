import { z } from 'zod';
import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../clickhouse/cluster.ts';

/** ClickHouse's code for a statement that a server does not understand. */
const SYNTAX_ERROR = '62';

const grantRow = z.record(z.string(), z.string()).transform((row) => Object.values(row).join());

/** `GRANT SHOW, SELECT ON *.* TO name`, of everything. */
const ON_EVERYTHING = /^GRANT (.+) ON \*(?:\.\*)? TO /;

/**
 * Whether the account may see all things that one of these privileges shows: servers leave out, without
 * a word, those that it may not see. Servers that know of no grants leave out none. Undefined where a
 * server does not say what the account may do by its roles.
 * @throws QueryError
 */
export async function seesAll(
  client: NodeClient,
  privileges: readonly string[],
): Promise<boolean | undefined> {
  const grants = await grantsOf(client);
  if (typeof grants !== 'object') return grants;
  const everywhere = grants.flatMap((grant) => ON_EVERYTHING.exec(grant)?.[1]?.split(', ') ?? []);
  const revoked = grants.filter((grant) => grant.startsWith('REVOKE ')).join();
  return privileges.some(
    (privilege) => everywhere.includes(privilege) && !RegExp(`\\b${privilege}\\b`).test(revoked),
  );
}

/** What the account was granted, also by its roles; true where there are no grants at all. */
async function grantsOf(client: NodeClient): Promise<readonly string[] | true | undefined> {
  for (const sql of ['SHOW GRANTS FINAL', 'SHOW GRANTS']) {
    try {
      const grants = await client.query(sql, grantRow);
      const byRole = grants.some((grant) => !/^(?:GRANT|REVOKE) .* ON /.test(grant));
      return sql === 'SHOW GRANTS' && byRole ? undefined : grants;
    } catch (error) {
      if (!(error instanceof QueryError) || error.code !== SYNTAX_ERROR) throw error;
    }
  }
  return true;
}
