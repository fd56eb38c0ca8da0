import type { ContainerRuntimeClient } from 'testcontainers';
import { CLUSTER_LABEL } from './member-container.ts';

/** Thrown when something of a cluster could not be removed. */
export class RemovalError extends Error {
  override readonly name = 'RemovalError';
}

const statusOf = (error: unknown): unknown =>
  error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;

/**
 * Removes every container of a cluster with its volumes, whatever its state, and then its network.
 * Repeating it is safe.
 * @throws RemovalError
 */
export async function removeCluster(
  client: ContainerRuntimeClient,
  clusterId: string,
  network: string,
): Promise<void> {
  const { dockerode } = client.container;
  const filters = { label: [`${CLUSTER_LABEL}=${clusterId}`] };
  try {
    const containers = await dockerode.listContainers({ all: true, filters });
    await Promise.all(
      containers.map(async ({ Id }) => {
        await dockerode.getContainer(Id).remove({ force: true, v: true }).catch(ignoreAbsent);
      }),
    );
    await dockerode.getNetwork(network).remove().catch(ignoreAbsent);
  } catch (cause) {
    throw new RemovalError(
      `Cluster ${clusterId} could not be removed. What is left of it has the label ` +
        `${CLUSTER_LABEL}=${clusterId}.`,
      { cause },
    );
  }
}

function ignoreAbsent(error: unknown): void {
  if (statusOf(error) !== 404) throw error;
}
