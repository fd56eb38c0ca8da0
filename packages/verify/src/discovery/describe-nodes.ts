import type { ClickHouseNode, NodeTls } from '@provehouse/infra';
import { proxyOf } from '@provehouse/infra/clickhouse';
import type { FoundMember } from './reach-members.ts';

/** The members of a cluster as nodes of a deployment. */
export function describeNodes(
  members: readonly FoundMember[],
  tls: NodeTls | undefined,
): ClickHouseNode[] {
  const names = namesOf(members);
  const places = placesOf(members);
  return members.map((found, index): ClickHouseNode => {
    const { member, address, ports, nativeAddress } = found;
    const inside = {
      host: member.host_name,
      httpPort: ports?.http ?? address.port,
      nativePort: member.port,
    };
    const elsewhere = inside.host !== address.host || inside.httpPort !== address.port;
    return {
      name: names[index] ?? '',
      shard: places[index]?.shard ?? '',
      replica: places[index]?.replica ?? '',
      ...{ host: address.host, httpPort: address.port },
      nativePort:
        nativeAddress?.port ?? (address.secure ? ports?.native : undefined) ?? member.port,
      ...(elsewhere && { inside }),
      ...(!knowsNativePort(found) && { nativePortUnknown: true }),
      ...(address.secure && { tls: tls ?? {} }),
      ...(address.path !== undefined && { path: address.path }),
      ...(address.answersAs !== undefined && { answersAs: address.answersAs }),
    };
  });
}

/**
 * Whether it is known where the native port of a node is from here: at the host that the cluster itself
 * names, but not behind another address.
 */
const knowsNativePort = ({ member, address, ports, nativeAddress }: FoundMember): boolean =>
  nativeAddress !== undefined ||
  // A cluster lists the ports without TLS as a rule.
  (isPlain(address) &&
    [member.host_name, member.host_address].includes(address.host) &&
    (!address.secure || ports !== undefined));

/** Whether nothing is known to stand between this machine and a node. */
const isPlain = ({ host, port, path, answersAs }: FoundMember['address']): boolean =>
  path === undefined &&
  answersAs === undefined &&
  proxyOf({ name: host, host, httpPort: port }) === undefined;

/** Names by which people tell the nodes apart: the first kind of which no two are the same. */
function namesOf(members: readonly FoundMember[]): readonly string[] {
  const kinds = [
    members.map(({ node, member }) => node?.displayName ?? member.host_name),
    members.map(({ node, member }) => node?.hostName ?? member.host_name),
    members.map(({ member }) => member.host_name),
  ];
  return (
    kinds.find(areDistinct) ?? members.map(({ member }) => `${member.host_name}:${member.port}`)
  );
}

interface Place {
  readonly shard: string;
  readonly replica: string;
}

/**
 * Shard and replica of each node by the macros: a shard is called as most of its nodes call it, a
 * replica as it calls itself. Where that does not tell all nodes apart, or no node has macros, they
 * are the numbers that the cluster gives.
 */
function placesOf(members: readonly FoundMember[]): readonly Place[] {
  const shards = Map.groupBy(members, ({ member }) => member.shard_num);
  const names = new Map(
    [...shards].map(([number, of]) => [
      number,
      mostCommon(of.flatMap(macro('shard'))) ?? String(number),
    ]),
  );
  const byMacros = members.map((found) => ({
    shard: names.get(found.member.shard_num) ?? '',
    replica: macro('replica')(found)[0] ?? String(found.member.replica_num),
  }));
  const distinct =
    areDistinct([...names.values()]) &&
    areDistinct(byMacros.map(({ shard, replica }) => `${shard}\n${replica}`));
  if (distinct) return byMacros;
  return members.map(({ member }) => ({
    shard: String(member.shard_num),
    replica: String(member.replica_num),
  }));
}

const macro =
  (name: string) =>
  ({ node }: FoundMember): string[] => {
    const substitution = node?.macros.get(name) ?? '';
    return substitution === '' ? [] : [substitution];
  };

function mostCommon(texts: readonly string[]): string | undefined {
  const groups = [...Map.groupBy(texts, (text) => text)];
  return groups.toSorted(([, left], [, right]) => right.length - left.length)[0]?.[0];
}

const areDistinct = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;
