import { getContainerRuntimeClient, ImageName, type ContainerRuntimeClient } from 'testcontainers';
import { ClusterStartError } from './cluster-start-error.ts';
import { imageTraits, type ImageTraits } from './image.ts';

/** The engine's client. @throws ClusterStartError when there is no engine */
export async function connectEngine(): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient();
  } catch (cause) {
    throw new ClusterStartError(
      'No container engine can be reached. Start one, or say where it is with DOCKER_HOST.',
      { cause },
    );
  }
}

/**
 * Pulls an image unless it is there, and gives its traits.
 * @throws ClusterStartError
 * @throws the signal's reason
 */
export async function fetchImage(
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
