import type { NodeTls } from '@provehouse/infra';
import { QueryError, type Account } from '@provehouse/infra/clickhouse';
import { mapped, type AddressMap } from './address-map.ts';
import { askNode, type AskedNode } from './ask-node.ts';
import type { MemberPorts } from './ask-ports.ts';
import { urlOf, type HttpAddress } from './cluster-url.ts';
import { placeKey, type ListedMember } from './listed-member.ts';

/** A member of the cluster, and what it says of itself if it is reached from here. */
export interface FoundMember {
  readonly member: ListedMember;
  /** Where it is reached, or would be looked for first. */
  readonly address: HttpAddress;
  readonly ports: MemberPorts | undefined;
  /** Where its native port is, if a mapping says so. */
  readonly nativeAddress: { readonly host: string; readonly port: number } | undefined;
  readonly node: AskedNode | undefined;
  /** Why it is not reached, a line for each address that was tried. */
  readonly tried: readonly string[];
}

/** What is known before the members are looked for. */
export interface Surroundings {
  readonly cluster: string;
  /** The members in the order of shards and replicas. */
  readonly members: readonly ListedMember[];
  /** The nodes that were named, of which one at least is a member. */
  readonly seeds: readonly AskedNode[];
  /** Nodes that were found behind addresses which they share. */
  readonly behind: readonly AskedNode[];
  readonly ports: ReadonlyMap<number, MemberPorts>;
  readonly map: AddressMap;
  readonly account: Account;
  readonly tls: NodeTls | undefined;
}

/**
 * Finds where each member of a cluster is reached: a node knows itself in its list of members, so
 * that an address is right when the node there says that it is this member. One that has no address
 * from here is looked for behind those that several share. Members are looked for side by side.
 */
export function reachMembers(surroundings: Surroundings): Promise<readonly FoundMember[]> {
  const { members, ports } = surroundings;
  const taken = new Set<string>();
  const take: Take = (address) => {
    const key = `${urlOf(address)} ${address.answersAs ?? ''}`;
    if (taken.has(key)) return false;
    taken.add(key);
    return true;
  };
  return Promise.all(
    members.map((member, index) => reachMember(surroundings, member, ports.get(index + 1), take)),
  );
}

/**
 * Takes what is at an address for a member, unless it is another one's already: old servers take all
 * replicas of their shard on the same host for themselves.
 */
type Take = (address: HttpAddress) => boolean;

async function reachMember(
  { cluster, seeds, behind, map, account, tls }: Surroundings,
  member: ListedMember,
  ports: MemberPorts | undefined,
  take: Take,
): Promise<FoundMember> {
  const nativeAddress = mapped(map, member.host_name, member.port);
  const known = { member, ports, nativeAddress };
  const shared = behind.map(({ address }) => urlOf(address));
  const seed = seeds.find(
    (node) =>
      isMember(node, cluster, member) &&
      !shared.includes(urlOf(node.address)) &&
      take(node.address),
  );
  if (seed !== undefined) return { ...known, address: seed.address, node: seed, tried: [] };
  // There one would meet whichever node answers.
  const addresses = candidates(member, seeds, ports, map).filter(
    (address) => !shared.includes(urlOf(address)),
  );
  const tried: string[] = [];
  const others: HttpAddress[] = [];
  for (const address of addresses) {
    try {
      const node = await askNode(address, account, tls);
      if (isMember(node, cluster, member) && take(address)) {
        return { ...known, address, node, tried: [] };
      }
      tried.push(`${urlOf(address)} is ${node.displayName}, another node`);
      others.push(address);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      tried.push((error.message.split('\n')[0] ?? '').replace(/ \(\S+:\d+\): /, ': '));
    }
  }
  const hidden = behind.find((node) => isMember(node, cluster, member) && take(node.address));
  if (hidden !== undefined) return { ...known, address: hidden.address, node: hidden, tried };
  const [address] = addresses.filter((one) => !others.includes(one));
  // Where its HTTP port is cannot be known: at its native port at least there is no other node.
  const unknown = { host: member.host_name, port: member.port, secure: false };
  return { ...known, address: address ?? unknown, node: undefined, tried };
}

/**
 * Whether a node is the member, as it says itself; or, where no member is known to it as itself, by
 * its host.
 */
export function isMember(node: AskedNode, cluster: string, member: ListedMember): boolean {
  const own = node.members.filter((listed) => listed.cluster === cluster);
  const local = own.filter(({ is_local }) => is_local === 1);
  if (local.length > 0) return local.some((listed) => placeKey(listed) === placeKey(member));
  const [short] = member.host_name.split('.');
  return [node.hostName, node.displayName].some(
    (name) => name === member.host_name || name === short,
  );
}

/** Where a member may be reached, most likely first. */
function candidates(
  { host_name, host_address }: ListedMember,
  seeds: readonly AskedNode[],
  ports: MemberPorts | undefined,
  map: AddressMap,
): HttpAddress[] {
  const [seed] = seeds;
  const secure = seed?.address.secure ?? false;
  const port = ports?.http ?? seed?.address.port ?? 8123;
  const through = mapped(map, host_name, port) ?? mapped(map, host_address, port);
  const places =
    through === undefined
      ? [...new Set([host_name, host_address])]
          .filter((host) => host !== '')
          .map((host) => ({ host, port }))
      : [through];
  return places.map((place) => ({ ...place, secure }));
}
