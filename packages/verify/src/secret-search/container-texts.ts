import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Deployment } from '@provehouse/infra';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when the engine does not give what is to be searched. */
export class ContainerTextError extends ProvehouseError {
  override readonly name = 'ContainerTextError';
}

/** Something of a container that others may read. */
export interface ContainerText {
  /** How it is called in a finding. */
  readonly place: string;
  /** The docker command that prints it. */
  readonly command: readonly string[];
}

/** Everything of a deployment's containers that others may read: outputs, descriptions, task logs. */
export function containerTexts({ components, containerLogs }: Deployment): ContainerText[] {
  const containers = components.flatMap(({ container }) =>
    container === undefined ? [] : [container],
  );
  return [
    ...containers.flatMap((container) => [
      { place: `docker logs ${container}`, command: ['logs', container] },
      { place: `docker inspect ${container}`, command: ['inspect', container] },
    ]),
    ...(containerLogs === undefined
      ? []
      : [
          {
            place: `${containerLogs.container}:${containerLogs.folder}`,
            // An uncompressed archive of the folder, in which texts stand as they are.
            command: ['cp', `${containerLogs.container}:${containerLogs.folder}`, '-'],
          },
        ]),
  ];
}

/**
 * Bytes of a text, its standard error included, which is a part of a container's output.
 * @throws ContainerTextError when the engine does not give it
 */
export async function* readContainerText({
  place,
  command,
}: ContainerText): AsyncGenerator<Buffer> {
  const child = spawn('docker', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const errors: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  yield* child.stdout as AsyncIterable<Buffer>;
  const [code] = await ended;
  if (code !== 0) {
    throw new ContainerTextError(
      `${place} could not be read: ${Buffer.concat(errors).toString().trim()}`,
    );
  }
  yield Buffer.concat(errors);
}
