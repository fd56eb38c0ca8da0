import { randomBytes } from 'node:crypto';
import type { ContainerRuntimeClient } from 'testcontainers';
import { allOrFirstError } from './all-or-first-error.ts';
import { createClusterNetwork } from './cluster-network.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { startError } from './cluster-start-error.ts';
import { connectEngine, fetchImage } from './engine.ts';
import { DEFAULT_IMAGES, keepersFor } from './image.ts';
import { MemberContainer, type ClusterIdentity } from './member-container.ts';
import { MemberError, reasonOf } from './member-error.ts';
import { keeperNames, planKeepers, planNodes, type MemberPlan } from './members.ts';
import { NetworkCuts } from './network-cuts.ts';
import { publishAddress } from './publish-address.ts';
import { removeCluster } from './removal.ts';
import { StartedClickHouseCluster } from './started-cluster.ts';
import { StartedKeeper } from './started-keeper.ts';
import type { EngineContainer, MemberSurroundings } from './started-member.ts';
import { StartedClickHouseNode } from './started-node.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** A password that nobody has to type. */
export const generatePassword = (): string => randomBytes(18).toString('base64url');

/**
 * Starts a cluster and waits until it can be used. Whatever goes wrong, and when the signal interrupts it,
 * everything that was made is removed before this rejects.
 * @throws ClusterStartError with the last log lines of the member that failed
 * @throws the signal's reason
 */
export async function startCluster(
  options: ClusterOptions,
  signal: AbortSignal,
): Promise<StartedClickHouseCluster> {
  signal.throwIfAborted();
  const client = await connectEngine();
  const traits = await fetchImage(client, options.image, signal);
  const keeperCount = keepersFor(options.image, traits, options.keepers);
  const keeperImage = options.keeperImage ?? DEFAULT_IMAGES.keeper;
  if (keeperCount > 0) await fetchImage(client, keeperImage, signal);
  const ownSidecar = traits.canCutNetwork ? options.image : DEFAULT_IMAGES.sidecar;

  const id = randomBytes(4).toString('hex');
  const network = `provehouse-cluster-${id}`;
  const containers = new Map<string, EngineContainer>();
  const remove = () => removeCluster(client, id, network);
  try {
    const { topology, administrator, reader, startupTimeout } = options;
    const keeperPlans = planKeepers(keeperImage, keeperNames(keeperCount));
    const nodePlans = planNodes(options, keeperNames(keeperCount), {
      cluster: generatePassword(),
      interserver: generatePassword(),
    });
    const names = [...nodePlans, ...keeperPlans].map(({ name }) => name);
    const addresses = await createClusterNetwork(client, id, network, names);
    const { bind, host } = await publishAddress(client);
    const identity = { id, network, addresses, ...(bind !== undefined && { bind }) };
    const surroundings: MemberSurroundings = {
      ...{ client, host, addresses, startupTimeout },
      restarted: (name) => cuts.restarted(name),
    };
    await allOrFirstError(
      [...nodePlans, ...keeperPlans].map((plan) => (either) => {
        either.throwIfAborted();
        return launch(plan, identity, client, containers);
      }),
      signal,
    );
    signal.throwIfAborted();
    const containerOf = ({ name }: MemberPlan): EngineContainer => {
      const container = containers.get(name);
      if (container === undefined) throw new MemberError(name, 'it has no container');
      return container;
    };
    const nodes = nodePlans.map((plan) => {
      const container = containerOf(plan);
      return new StartedClickHouseNode(plan.node, container, surroundings, topology, administrator);
    });
    const keepers = keeperPlans.map(
      (plan) => new StartedKeeper(plan.name, containerOf(plan), surroundings),
    );
    const cuts = new NetworkCuts(
      client,
      [...nodes, ...keepers],
      options.sidecarImage ?? ownSidecar,
      id,
    );
    await waitUntilReady(nodes, keepers, startupTimeout, signal);
    return new StartedClickHouseCluster({
      ...{ id, topology, administrator, reader, nodes, keepers, cuts, remove },
      internalReplication: keeperCount > 0,
    });
  } catch (error) {
    const reported = signal.aborted ? signal.reason : await startError(error, containers);
    await remove();
    throw reported;
  }
}

/** Starts a member's container, which is in `containers` as soon as there is one. @throws MemberError */
async function launch(
  plan: MemberPlan,
  identity: ClusterIdentity,
  client: ContainerRuntimeClient,
  containers: Map<string, EngineContainer>,
): Promise<void> {
  const created = (containerId: string) => {
    containers.set(plan.name, client.container.getById(containerId));
  };
  try {
    await new MemberContainer(plan, identity, created).start();
  } catch (cause) {
    const problem = `its container does not start: ${reasonOf(cause)}`;
    throw new MemberError(plan.name, problem, { cause });
  }
}
