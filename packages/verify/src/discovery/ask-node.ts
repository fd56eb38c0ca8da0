import type { ClickHouseNode, NodeTls } from '@provehouse/infra';
import {
  connectNode,
  QueryError,
  type Account,
  type ConnectedNode,
} from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { hasFunction } from '../clickhouse/dialect.ts';
import { CLUSTERS_SQL } from '../clickhouse/write-paths.ts';
import { urlOf, type HttpAddress } from './cluster-url.ts';
import { listedMember, type ListedMember } from './listed-member.ts';

/** How long a node may take to say what it is. */
export const ANSWER_WITHIN_MS = 5_000;

/** What a node says of itself. */
export interface AskedNode {
  readonly address: HttpAddress;
  /** The same for this node alone, should others be behind the address as well. */
  readonly pinned: HttpAddress;
  readonly version: string;
  readonly displayName: string;
  readonly hostName: string;
  readonly macros: ReadonlyMap<string, string>;
  /** The members of all clusters that it knows. */
  readonly members: readonly ListedMember[];
}

const versionRow = z.object({ version: z.string(), host: z.string() });
const MACROS_SQL = 'SELECT macro, substitution FROM system.macros';
const macroRow = z.object({ macro: z.string(), substitution: z.string() });

/** A client for an address of which nothing else is known yet; close it after use. */
export function connectAddress(
  address: HttpAddress,
  account: Account,
  tls: NodeTls | undefined,
  requestTimeoutMs: number = ANSWER_WITHIN_MS,
): ConnectedNode {
  const node: ClickHouseNode = {
    ...{ name: urlOf(address), shard: '1', replica: '1' },
    ...{ host: address.host, httpPort: address.port, nativePort: address.port },
    ...(address.secure && { tls: tls ?? {} }),
    ...(address.path !== undefined && { path: address.path }),
    ...(address.answersAs !== undefined && { answersAs: address.answersAs }),
  };
  return connectNode(node, account, requestTimeoutMs);
}

/**
 * Asks the node at an address what it is; of several behind it the one that is meant, else whichever
 * answers first. @throws QueryError when it does not answer as ClickHouse does
 */
export async function askNode(
  address: HttpAddress,
  account: Account,
  tls: NodeTls | undefined,
): Promise<AskedNode> {
  const name = address.answersAs ?? (await firstName(address, account, tls));
  const pinned = { ...address, ...(name !== undefined && { answersAs: name }) };
  const client = connectAddress(pinned, account, tls);
  try {
    const [about] = await client.query(
      'SELECT version() AS version, hostName() AS host',
      versionRow,
      ANSWER_WITHIN_MS,
    );
    if (about === undefined) {
      throw new QueryError(`${urlOf(address)} gave no row where ClickHouse gives one`, undefined);
    }
    const [displayName, macros, members] = await Promise.all([
      nameOf(client, about.host),
      client.query(MACROS_SQL, macroRow, ANSWER_WITHIN_MS),
      client.query(CLUSTERS_SQL, listedMember, ANSWER_WITHIN_MS),
    ]);
    return {
      ...{ address, pinned, version: about.version, displayName, hostName: about.host, members },
      macros: new Map(macros.map(({ macro, substitution }) => [macro, substitution])),
    };
  } finally {
    await client.close();
  }
}

/** The name of whichever node answers at an address; none where a gateway does not pass it on. */
async function firstName(
  address: HttpAddress,
  account: Account,
  tls: NodeTls | undefined,
): Promise<string | undefined> {
  const client = connectAddress(address, account, tls);
  try {
    return await client.displayName(AbortSignal.timeout(ANSWER_WITHIN_MS));
  } finally {
    await client.close();
  }
}

async function nameOf(client: ConnectedNode, hostName: string): Promise<string> {
  if (!(await hasFunction(client, 'displayName()'))) return hostName;
  const row = z.object({ name: z.string() });
  const [found] = await client.query('SELECT displayName() AS name', row);
  return found?.name || hostName;
}
