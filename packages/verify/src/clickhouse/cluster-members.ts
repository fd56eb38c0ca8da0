import { addressInside, type ClickHouseNode } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';

const number = z.coerce.number();

/** What a row of `system.clusters` holds, on servers of all versions. */
export const memberSchema = z.object({
  shard_num: number,
  shard_weight: number,
  replica_num: number,
  host_name: z.string(),
  host_address: z.string(),
  port: number,
  is_local: number,
  /** Servers before 24 do not show it. */
  internal_replication: number.optional(),
});

/** A row of `system.clusters`: https://clickhouse.com/docs/operations/system-tables/clusters */
export type Member = z.infer<typeof memberSchema>;

/** The members of a cluster as one node knows them. */
export interface MemberList {
  /** The node that was asked. */
  readonly node: string;
  readonly members: readonly Member[];
}

/** The statement that gives a cluster's members as a node knows them. */
export const membersSql = (cluster: string): string =>
  `SELECT * FROM system.clusters WHERE cluster = ${quoteText(cluster)} ORDER BY shard_num, replica_num`;

/** The members of a cluster as a node knows them; none of a cluster that it does not know. @throws QueryError */
export const membersOf = (client: NodeClient, cluster: string): Promise<Member[]> =>
  client.query(membersSql(cluster), memberSchema);

/** Where a member is reached, as its configuration spells it. */
export const addressOf = ({ host_name, port }: Member): string => `${host_name}:${port}`;

/** Whether a member in somebody's list is a node. */
export type IsNode = (list: MemberList, member: Member, node: ClickHouseNode) => boolean;

/**
 * Tells which member is which node. A host may be spelt in as many ways as one likes: a node knows
 * itself in its own list, and what it is called there holds for the lists of the others.
 */
export function nodeMatcher(lists: readonly MemberList[]): IsNode {
  const ownAddresses = new Map(
    lists.map(({ node, members }) => [node, ownMembers(members).flatMap(addressesOf)]),
  );
  return (list, member, node) => {
    if (ownMembers(list.members).includes(member)) return list.node === node.name;
    const { host, nativePort } = addressInside(node);
    const known = [`${host}:${nativePort}`, ...(ownAddresses.get(node.name) ?? [])];
    if (addressesOf(member).some((address) => known.includes(address))) return true;
    // In a network of its own a server calls a node by its name.
    return node.inside === undefined && member.host_name === node.name;
  };
}

/**
 * The member that a node is in its own list. Old servers mark all replicas of their shard on the same
 * host, which says nothing.
 */
function ownMembers(members: readonly Member[]): readonly Member[] {
  const local = members.filter(isLocal);
  return local.length === 1 ? local : [];
}

const isLocal = ({ is_local }: Member): boolean => is_local === 1;

const addressesOf = ({ host_name, host_address, port }: Member): string[] => [
  `${host_name}:${port}`,
  `${host_address}:${port}`,
];
