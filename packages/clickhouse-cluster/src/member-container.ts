import { GenericContainer, type WaitStrategy } from 'testcontainers';
import type { MemberPlan } from './members.ts';

/** Label with the id of the cluster on everything that belongs to one. */
export const CLUSTER_LABEL = 'org.provehouse.cluster';
/** Label with the name of the member. */
export const COMPONENT_LABEL = 'org.provehouse.component';

/** What the members of one cluster have in common. */
export interface ClusterIdentity {
  readonly id: string;
  /** Name of the cluster's network. */
  readonly network: string;
  /** Address of each member in it. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Address that published ports are bound to; absent where the engine knows it. */
  readonly bind?: string;
}

/** The user that owns the data in the official images. */
const CLICKHOUSE_USER = '101:101';

/** The container of one member, in the network of its cluster under its own name. */
export class MemberContainer extends GenericContainer {
  readonly #name: string;
  readonly #network: string;
  readonly #address: string | undefined;
  readonly #created: (containerId: string) => void;
  readonly #bind: string | undefined;

  /** `created` gets the id of the container before it is started. */
  constructor(
    plan: MemberPlan,
    { id, network, addresses, bind }: ClusterIdentity,
    created: (containerId: string) => void,
  ) {
    super(plan.image);
    this.#name = plan.name;
    this.#network = network;
    this.#address = addresses.get(plan.name);
    this.#created = created;
    this.#bind = bind;
    this.hostConfig.Init = true;
    this.withName(`${network}-${plan.name}`)
      .withHostname(plan.name)
      .withNetworkMode(network)
      // An engine forgets the name of a container that is stopped, and peers should find it silent then.
      .withExtraHosts([...addresses].map(([host, ipAddress]) => ({ host, ipAddress })))
      .withLabels({ [CLUSTER_LABEL]: id, [COMPONENT_LABEL]: plan.name })
      .withUser(CLICKHOUSE_USER)
      .withEnvironment({ ...plan.environment })
      .withExposedPorts(...plan.ports)
      .withSecurityOpt('no-new-privileges')
      .withCopyContentToContainer(
        Object.entries(plan.files).map(([target, content]) => ({ content, target, mode: 0o444 })),
      )
      .withWaitStrategy(notWaiting);
  }

  protected override async beforeContainerCreated(): Promise<void> {
    // An alias given by withNetworkAliases would put the container in the default network as well.
    this.createOpts.NetworkingConfig = {
      EndpointsConfig: {
        [this.#network]: {
          Aliases: [this.#name],
          ...(this.#address !== undefined && { IPAMConfig: { IPv4Address: this.#address } }),
        },
      },
    };
    if (this.#bind === undefined) return;
    const { PortBindings } = this.hostConfig as { PortBindings?: Record<string, object[]> };
    for (const binding of Object.values(PortBindings ?? {}).flat()) {
      Object.assign(binding, { HostIp: this.#bind });
    }
  }

  protected override async containerCreated(containerId: string): Promise<void> {
    this.#created(containerId);
  }
}

/** The cluster waits for all members together, and keeps one that fails until its log is read. */
const notWaiting: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => notWaiting,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};
