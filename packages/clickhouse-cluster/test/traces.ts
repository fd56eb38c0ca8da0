import {
  getContainerRuntimeClient,
  getReaper,
  LABEL_TESTCONTAINERS_SESSION_ID,
} from 'testcontainers';

/** What an engine holds for this process: ids of containers, names of networks. */
export interface Traces {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
}

/** Everything that the engine holds of the clusters of this process. */
export async function tracesOfClusters(): Promise<Traces> {
  const client = await getContainerRuntimeClient();
  const { dockerode } = client.container;
  const { sessionId } = await getReaper(client);
  const filters = { label: [`${LABEL_TESTCONTAINERS_SESSION_ID}=${sessionId}`] };
  const containers = await dockerode.listContainers({ all: true, filters });
  const networks = await dockerode.listNetworks({ filters });
  return {
    containers: containers.map(({ Id }) => Id),
    networks: networks.map(({ Name }) => Name),
  };
}

/** Names of the volumes that containers have. */
export async function volumesOf(containers: readonly string[]): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const inspected = await Promise.all(containers.map((id) => dockerode.getContainer(id).inspect()));
  return inspected.flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? []));
}

/** Those of `volumes` that the engine still holds. */
export async function remaining(volumes: readonly string[]): Promise<string[]> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const { Volumes } = await dockerode.listVolumes();
  return Volumes.map(({ Name }) => Name).filter((name) => volumes.includes(name));
}
