import { step, type ImageName } from '@provehouse/infra';
import { docker, DockerError, hasImage } from './docker.ts';

/**
 * Makes sure that the engine has an image, which it pulls from its registry, mirrors and proxies counted,
 * with the login of `docker login`.
 * @throws DockerError that names the image and what to do
 */
export async function pullImage(
  name: ImageName,
  reference: string,
  progress: (line: string) => void,
): Promise<void> {
  if (await hasImage(reference)) return;
  try {
    await step(progress, `Pulling ${reference}`, () => docker(['pull', '--quiet', reference]));
  } catch (cause) {
    throw new DockerError(
      `The image of ${name} cannot be pulled. Where it is in another registry: --image ${name}=REFERENCE. ` +
        'Where no registry is reached: PROVEHOUSE_IMAGES=stand-in, for a platform without data.',
      { cause },
    );
  }
}
