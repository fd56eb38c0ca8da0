import { getReaper, LABEL_TESTCONTAINERS_SESSION_ID } from 'testcontainers';
import type { ContainerRuntimeClient } from 'testcontainers';
import { CLUSTER_LABEL } from './member-container.ts';

/** Thrown when a cluster gets no network. */
export class ClusterNetworkError extends Error {
  override readonly name = 'ClusterNetworkError';
}

const ATTEMPTS = 5;

/**
 * Makes the network of a cluster and gives an address in it to each of `members`.
 *
 * Members keep their addresses, because ClickHouse remembers for seconds where a name led, and an engine
 * forgets the name of a container that is stopped. An engine gives out fixed addresses only in a subnet
 * that it is given, and knows best which one is free: so it is asked for one, and then given that.
 * @throws ClusterNetworkError
 */
export async function createClusterNetwork(
  client: ContainerRuntimeClient,
  clusterId: string,
  name: string,
  members: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const reaper = await getReaper(client);
  const create = (subnet?: string) =>
    client.network.create({
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Labels: { [CLUSTER_LABEL]: clusterId, [LABEL_TESTCONTAINERS_SESSION_ID]: reaper.sessionId },
      ...(subnet !== undefined && { IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } }),
    });
  const causes: unknown[] = [];
  while (causes.length < ATTEMPTS) {
    const draft = await create();
    const { IPAM } = await draft.inspect();
    await draft.remove();
    const subnet = IPAM?.Config?.[0]?.Subnet;
    if (subnet === undefined) throw new ClusterNetworkError(`Network ${name} has no subnet.`);
    try {
      await create(subnet);
      return assignAddresses(subnet, members);
    } catch (error) {
      // Somebody else has got the subnet in between.
      causes.push(error);
    }
  }
  throw new ClusterNetworkError(`Network ${name} got no subnet in ${ATTEMPTS} attempts.`, {
    cause: new AggregateError(causes),
  });
}

/** The first addresses that an engine keeps for itself and for gateways. */
const RESERVED = 10;

/**
 * An IPv4 address in a subnet, such as `172.20.0.0/16`, for each of `members`.
 * @throws ClusterNetworkError when the subnet is too small
 */
export function assignAddresses(
  subnet: string,
  members: readonly string[],
): ReadonlyMap<string, string> {
  const [network = '', bits = ''] = subnet.split('/');
  const first = network.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + RESERVED;
  const room = 2 ** (32 - Number(bits)) - RESERVED - 1;
  if (!(members.length <= room)) {
    throw new ClusterNetworkError(`${subnet} has no room for ${members.length} members.`);
  }
  return new Map(members.map((member, index) => [member, toAddress(first + index)]));
}

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
