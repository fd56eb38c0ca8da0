import { randomBytes } from 'node:crypto';
import {
  getContainerRuntimeClient,
  ImageName,
  Network,
  type ContainerRuntimeClient,
} from 'testcontainers';
import { allOrFirstError } from './all-or-first-error.ts';
import type { ClusterOptions } from './cluster-options.ts';
import { ClusterStartError, startError } from './cluster-start-error.ts';
import { DEFAULT_IMAGES, imageTraits, keepersFor, type ImageTraits } from './image.ts';
import { MemberContainer } from './member-container.ts';
import { MemberError, MemberExitedError, reasonOf } from './member-error.ts';
import { keeperNames, planKeepers, planNodes, type MemberPlan } from './members.ts';
import { NetworkCuts } from './network-cuts.ts';
import { publishAddress } from './publish-address.ts';
import { removeCluster } from './removal.ts';
import { retryUntil } from './retry-until.ts';
import { StartedClickHouseCluster } from './started-cluster.ts';
import { StartedKeeper } from './started-keeper.ts';
import type { EngineContainer, MemberSurroundings } from './started-member.ts';
import { StartedClickHouseNode } from './started-node.ts';

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
  const keepers = keeperNames(keepersFor(options.image, traits, options.keepers));
  const keeperImage = options.keeperImage ?? DEFAULT_IMAGES.keeper;
  if (keepers.length > 0) await fetchImage(client, keeperImage, signal);

  const { bind, host } = await publishAddress(client);
  const id = randomBytes(4).toString('hex');
  const network = `provehouse-cluster-${id}`;
  const identity = { id, network, ...(bind !== undefined && { bind }) };
  const containers = new Map<string, EngineContainer>();
  const remove = () => removeCluster(client, id, network);
  const launch = async (plan: MemberPlan): Promise<void> => {
    const created = (containerId: string) =>
      containers.set(plan.name, client.container.getById(containerId));
    try {
      await new MemberContainer(plan, identity, created).start();
    } catch (cause) {
      throw new MemberError(plan.name, `its container does not start: ${reasonOf(cause)}`, {
        cause,
      });
    }
  };
  try {
    await new Network({ nextUuid: () => network }).start();
    const secrets = { cluster: generatePassword(), interserver: generatePassword() };
    const nodePlans = planNodes(options, keepers, secrets);
    const keeperPlans = planKeepers(keeperImage, keepers);
    await allOrFirstError(
      [...nodePlans, ...keeperPlans].map((plan) => () => launch(plan)),
      signal,
    );
    signal.throwIfAborted();

    const surroundings: MemberSurroundings = {
      client,
      network,
      host,
      startupTimeout: options.startupTimeout,
      restarted: (name) => cuts.restarted(name),
    };
    const containerOf = ({ name }: MemberPlan): EngineContainer => {
      const container = containers.get(name);
      if (container === undefined) throw new MemberError(name, 'it has no container');
      return container;
    };
    const { topology, administrator } = options;
    const nodes = nodePlans.map(
      (plan) =>
        new StartedClickHouseNode(
          plan.node,
          containerOf(plan),
          surroundings,
          topology,
          administrator,
        ),
    );
    const startedKeepers = keeperPlans.map(
      (plan) => new StartedKeeper(plan.name, containerOf(plan), surroundings),
    );
    const cuts = new NetworkCuts(
      client,
      [...nodes, ...startedKeepers],
      options.sidecarImage ?? (traits.canCutNetwork ? options.image : DEFAULT_IMAGES.sidecar),
      id,
    );
    await waitUntilReady(nodes, startedKeepers, options.startupTimeout, signal);
    return new StartedClickHouseCluster({
      id,
      topology,
      administrator,
      reader: options.reader,
      internalReplication: keepers.length > 0,
      nodes,
      keepers: startedKeepers,
      cuts,
      remove,
    });
  } catch (error) {
    const reported = signal.aborted ? signal.reason : await startError(error, containers);
    await remove();
    throw reported;
  }
}

async function waitUntilReady(
  nodes: readonly StartedClickHouseNode[],
  keepers: readonly StartedKeeper[],
  startupTimeout: number,
  signal: AbortSignal,
): Promise<void> {
  await allOrFirstError(
    [...nodes, ...keepers].map((member) => (either) => member.whenReady(either)),
    signal,
  );
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(startupTimeout)]);
  await allOrFirstError(
    nodes.map((node) => async (either) => {
      const attempt = async (attemptSignal: AbortSignal): Promise<void> => {
        await node.checkRunning();
        await node.createDatabase(attemptSignal);
        await node.reachCluster(attemptSignal);
        if (keepers.length > 0) await node.reachKeepers(attemptSignal);
      };
      try {
        await retryUntil(attempt, {
          signal: either,
          isFinal: (error) => error instanceof MemberExitedError,
        });
      } catch (cause) {
        if (cause instanceof MemberError) throw cause;
        const problem = `it cannot use its cluster: ${reasonOf(cause)}`;
        throw new MemberError(node.name, problem, { cause });
      }
    }),
    deadline,
  );
}

async function connectEngine(): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new ClusterStartError(
      'No container engine can be reached. Start one, or say where it is with DOCKER_HOST.',
      { cause },
    );
  }
}

/** Pulls an image unless it is there, and gives its traits. */
async function fetchImage(
  client: ContainerRuntimeClient,
  image: string,
  signal: AbortSignal,
): Promise<ImageTraits> {
  const name = ImageName.fromString(image);
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    await Promise.race([client.image.pull(name), interrupted.promise]);
    const { Config } = await client.image.inspect(name);
    return imageTraits(Config.Labels ?? {});
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new ClusterStartError(`Image ${image} is not here and cannot be pulled.`, { cause });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
