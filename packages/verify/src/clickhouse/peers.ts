import { addressInside, type ClickHouseNode } from '@provehouse/infra';
import { NoAnswerError, QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { hasFunction } from './dialect.ts';
import type { NodeClient } from './cluster.ts';

/** A member of a cluster as a node's `remote_servers` has it. */
export interface Peer {
  /** Its place among the replicas of all shards, from 0 on: the shard that `clusterAllReplicas` makes of it. */
  readonly index: number;
  /** Such as `10.0.0.3:9000`. */
  readonly address: string;
  /** The deployment's name of the node at that address, or the address. */
  readonly name: string;
  /** An expression for the account under which a query arrives there. */
  readonly account: string;
}

/** What a node was as another one asked it. */
export interface Reached {
  /** The account that the peer took the query for. */
  readonly user: string;
  /** The peer's own `readonly` for that account. */
  readonly readonly: number;
}

const memberRow = z.object({
  host_name: z.string(),
  host_address: z.string(),
  port: z.coerce.number(),
  user: z.string(),
});
const reachedRow = z.object({ user: z.string(), readonly: z.coerce.number() });

/** What `currentUser()` is, unless nodes log in to each other under an account: then it is the first one's. */
const AUTHENTICATED = `if(authenticatedUser() = '', currentUser(), authenticatedUser())`;
/** What `system.clusters` has for nodes that log in by a secret, or as this user. */
const UNNAMED = 'default';

/** How long a peer may take. */
const WITHIN_MS = 10_000;

/** The one peer, over the network even if it is the asking node, which is not passed over when it fails. */
const SETTINGS = `SETTINGS prefer_localhost_replica = 0, optimize_skip_unused_shards = 1,
  force_optimize_skip_unused_shards = 2, skip_unavailable_shards = 0`;
/** A node that was restarted ends the connections that others kept: each is found out by using it. */
const ATTEMPTS = 3;

/** The members of a cluster as a node knows them. @throws QueryError */
export async function peersOf(
  client: NodeClient,
  cluster: string,
  nodes: readonly ClickHouseNode[],
): Promise<Peer[]> {
  const members = await client.query(
    `SELECT host_name, host_address, port, user FROM system.clusters
     WHERE cluster = ${quoteText(cluster)} ORDER BY shard_num, replica_num`,
    memberRow,
  );
  const asks = await hasFunction(client, 'authenticatedUser()');
  // The table function leaves out an address that it has had.
  const unique = new Map(members.map((member) => [`${member.host_name}:${member.port}`, member]));
  return [...unique].map(([address, { host_name, host_address, port, user }], index) => {
    const node = nodes.find((candidate) => {
      const inside = addressInside(candidate);
      return (
        (inside.nativePort === port && [host_name, host_address].includes(inside.host)) ||
        (candidate.inside === undefined && candidate.name === host_name)
      );
    });
    const account = asks ? AUTHENTICATED : user === UNNAMED ? 'currentUser()' : quoteText(user);
    return { index, address, name: node?.name ?? address, account };
  });
}

/**
 * The statement by which a node asks one peer alone, as its `remote_servers` says: `clusterAllReplicas`
 * takes each replica for a shard, of which the sharding expression chooses one. What stands in `view` is
 * computed there, and not by the asking node.
 * Source: https://clickhouse.com/docs/sql-reference/table-functions/cluster
 */
export const peerSql = (cluster: string, { index, account }: Peer): string =>
  `SELECT user, readonly FROM clusterAllReplicas(${quoteText(cluster)},
     view(SELECT toUInt64(${index}) AS peer, ${account} AS user,
       toString(getSetting('readonly')) AS readonly), peer)
   WHERE peer = ${index} ${SETTINGS}`;

/** Asks a peer through a node, again where it fails: it may have been restarted. @throws QueryError */
export async function askPeer(
  client: NodeClient,
  cluster: string,
  peer: Peer,
  attempts = ATTEMPTS,
): Promise<Reached | undefined> {
  try {
    return (await client.query(peerSql(cluster, peer), reachedRow, WITHIN_MS))[0];
  } catch (error) {
    const again = error instanceof QueryError && !(error instanceof NoAnswerError);
    if (!again || attempts === 1) throw error;
    return askPeer(client, cluster, peer, attempts - 1);
  }
}

/** One of the errors that a server quotes, up to its name. */
const CAUSE = /Code: \d+\. DB::(?:Net)?Exception: (?:(?!Code: ).)*?\([A-Z_]+\)/gs;

/** What a server says of a peer that it does not reach, without its log of attempts. */
export function saidOfPeer({ message, cause }: QueryError): string {
  const text = fullText({ message, cause });
  const causes = [...text.matchAll(CAUSE)].map(([one]) => one.replaceAll(/\s+/g, ' '));
  return causes.at(-1) ?? (text.replace(/^\S+ \([^)]*\): /, '').split('\n')[0] ?? '').trim();
}

/** Whether the peer said it, and not the node that was asked. */
export const isFromPeer = (error: QueryError): boolean =>
  /Received from|While executing Remote/.test(fullText(error));

/** All lines of what the server said; a QueryError has the first one. */
const fullText = ({ message, cause }: Pick<QueryError, 'message' | 'cause'>): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : message;
