import { QueryError } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { isUnknown, systemRows, type SystemRow } from '../clickhouse/system-rows.ts';
import type { NodeThings, Thing } from './compare-things.ts';
import { seesAll } from './visibility.ts';

/** What a node of a shard has. */
export interface ShardNodeThings extends NodeThings {
  readonly shard: string;
}

/** Where things of one kind are read from. */
export interface Source {
  /** What it gives, as people call several of them: `tables and views`. */
  readonly subject: string;
  readonly sql: string;
  /** The same in columns that old servers have, too. */
  readonly olderSql?: string;
  /** The things that a node's rows describe. */
  things(rows: readonly SystemRow[], client: NodeClient): readonly Thing[];
  /** Brings what the nodes have into forms that can be compared, where that takes all of them. */
  align?(nodes: readonly ShardNodeThings[]): readonly NodeThings[];
  /** The reason for which a thing is each node's own, if it is. */
  ownReason?(name: string): string | undefined;
  /** Where servers leave out what an account may not see: what it needs in order to see all. */
  readonly visibleBy?: {
    /** Privileges each of which is enough, if they are on everything. */
    readonly privileges: readonly string[];
    /** What to grant. */
    readonly grant: string;
  };
}

/** What came of asking a node. */
export type Reading =
  | { readonly things: readonly Thing[]; readonly partly?: string }
  /** The server's version does not know of such things, or does not show them. */
  | { readonly absent: string }
  /** What to grant to the account. */
  | { readonly denied: string };

const ACCESS_DENIED = '497';

/** Asks a node for the things of a source. @throws QueryError when the node does not answer */
export async function readSource(source: Source, client: NodeClient): Promise<Reading> {
  let rows: readonly SystemRow[];
  try {
    rows = await systemRows(client, source.sql, source.olderSql);
  } catch (error) {
    if (isUnknown(error)) return { absent: error.message };
    if (error instanceof QueryError && error.code === ACCESS_DENIED) {
      return { denied: grantIn(error.message) };
    }
    throw error;
  }
  const things = source.things(rows, client);
  if (source.visibleBy === undefined) return { things };
  const { privileges, grant } = source.visibleBy;
  const all = await seesAll(client, privileges);
  if (all === true || (all === undefined && things.length > 0)) return { things };
  return things.length === 0 ? { denied: grant } : { things, partly: grant };
}

/** The privilege that a server says is necessary. */
const grantIn = (message: string): string =>
  /have the grant (.+?)\.?\s*(?:\(ACCESS_DENIED\).*)?$/m
    .exec(message)?.[1]
    ?.replace(' for at least one column on ', ' ON ') ?? 'SELECT ON system.*';

/**
 * The columns of a row that are not empty, one a line, without those named. Lists are sorted: servers
 * give them in no order.
 */
export const propertiesOf = (row: SystemRow, except: readonly string[]): string =>
  Object.entries(row)
    .filter(([column, value]) => !except.includes(column) && !isEmpty(value))
    .map(([column, value]) => `${column} = ${shown(value)}`)
    .join('\n');

const isEmpty = (value: unknown): boolean =>
  value === null ||
  ['', '0', 'false', '{}', '1970-01-01 00:00:00'].includes(String(value)) ||
  (Array.isArray(value) && value.every(isEmpty));

const shown = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(shown).sort().join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
