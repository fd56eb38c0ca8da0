import type { ContainerRuntimeClient } from 'testcontainers';

/** Where the ports of a cluster are published, and where the test reaches them. */
export interface PublishAddress {
  /** Address that the engine binds; absent where only the engine can know one. */
  readonly bind?: string;
  /** Host at which the test connects. */
  readonly host: string;
}

/**
 * The narrowest address at which this process reaches published ports: loopback for an engine on this
 * machine, the default network's gateway from inside one of its containers, and what the engine binds by
 * itself for one elsewhere.
 */
export async function publishAddress(client: ContainerRuntimeClient): Promise<PublishAddress> {
  const { host } = client.info.containerRuntime;
  if (['localhost', '127.0.0.1'].includes(host)) return { bind: '127.0.0.1', host: '127.0.0.1' };
  const gateways = await defaultGateways(client);
  return gateways.includes(host) ? { bind: host, host } : { host };
}

/** An engine need not have a default network. */
async function defaultGateways({ network }: ContainerRuntimeClient): Promise<string[]> {
  try {
    const { IPAM } = await network.getById('bridge').inspect();
    return (IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []);
  } catch {
    return [];
  }
}
