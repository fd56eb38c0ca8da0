import { addressInside, type ClickHouseNode } from '@provehouse/infra';
import {
  addressOf,
  nodeMatcher,
  type IsNode,
  type Member,
  type MemberList,
} from './cluster-members.ts';

/** A place of a cluster where a node's list has something else than the deployment. */
export interface Difference extends Record<string, string> {
  readonly member: string;
  readonly expected: string;
  readonly observed: string;
}

export const placeOf = ({
  shard_num,
  replica_num,
}: Pick<Member, 'shard_num' | 'replica_num'>): string =>
  `shard ${shard_num} replica ${replica_num}`;

/**
 * Where each list of members differs from the nodes of a deployment, by the node that was asked: each
 * node must be there once, in the shard of the nodes that share its shard's name. Which number a shard
 * has, and which a replica, is for the cluster to say, the same on every node.
 */
export function membershipDifferences(
  nodes: readonly ClickHouseNode[],
  lists: readonly MemberList[],
): ReadonlyMap<string, readonly Difference[]> {
  const isNode = nodeMatcher(lists);
  const numbers = shardNumbers(nodes, lists, isNode);
  const answered = new Set(lists.map(({ node }) => node));
  return new Map(
    lists.map((list) => [
      list.node,
      [...new Set([...numbers.values(), ...list.members.map(({ shard_num }) => shard_num)])]
        .toSorted((left, right) => left - right)
        .flatMap((shard) => {
          const there = list.members.filter(({ shard_num }) => shard_num === shard);
          const wanted = nodes.filter((node) => numbers.get(node.shard) === shard);
          const isThere = (member: Member, node: ClickHouseNode) => isNode(list, member, node);
          return compare(shard, wanted, there, isThere, answered);
        }),
    ]),
  );
}

/** The number that most lists give to the shard of each name. */
function shardNumbers(
  nodes: readonly ClickHouseNode[],
  lists: readonly MemberList[],
  isNode: IsNode,
): ReadonlyMap<string, number> {
  const names = [...new Set(nodes.map(({ shard }) => shard))].sort();
  return new Map(
    names.map((name, index) => {
      const found = lists.flatMap((list) =>
        nodes
          .filter(({ shard }) => shard === name)
          .flatMap((node) => list.members.filter((member) => isNode(list, member, node))),
      );
      const votes = [...Map.groupBy(found, ({ shard_num }) => shard_num)];
      const [most] = votes.toSorted(
        ([left, of], [right, others]) =>
          others.length - of.length ||
          Number(right === Number(name)) - Number(left === Number(name)),
      );
      return [name, most?.[0] ?? index + 1];
    }),
  );
}

function compare(
  shard: number,
  wanted: readonly ClickHouseNode[],
  there: readonly Member[],
  isThere: (member: Member, node: ClickHouseNode) => boolean,
  answered: ReadonlySet<string>,
): Difference[] {
  const free = [...there];
  const missing = wanted.filter((node) => {
    const index = free.findIndex((member) => isThere(member, node));
    if (index >= 0) free.splice(index, 1);
    return index < 0;
  });
  const differences: Difference[] = [];
  for (const node of missing) {
    const other = free.shift();
    // What a node calls itself that does not answer is not known: its host may only be spelt otherwise.
    if (other !== undefined && !answered.has(node.name)) continue;
    const replica_num = other?.replica_num ?? firstFree(there);
    const { host, nativePort } = addressInside(node);
    differences.push({
      member: placeOf({ shard_num: shard, replica_num }),
      expected: `${node.name} (${host}:${nativePort})`,
      observed: other === undefined ? 'nobody' : addressOf(other),
    });
  }
  const surplus = free.map((member) => ({
    member: placeOf(member),
    expected: 'nobody',
    observed: addressOf(member),
  }));
  return [...differences, ...surplus];
}

function firstFree(members: readonly Member[]): number {
  const taken = new Set(members.map(({ replica_num }) => replica_num));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
