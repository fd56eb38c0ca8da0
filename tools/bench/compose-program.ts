import { join } from 'node:path';
import { goProgram } from '@provehouse/infra';

/** The release of Docker Compose that is built. */
export const COMPOSE_VERSION = '2.35.1';

/**
 * Path of `docker-compose`, which works without being a plugin of the Docker client; built from its Go
 * modules and kept in `cache`.
 * @throws GoMissingError, GoBuildError
 */
export function composeProgram(options: {
  readonly cache: string;
  readonly progress: (message: string) => void;
}): Promise<string> {
  return goProgram({
    ...options,
    name: 'docker-compose',
    version: COMPOSE_VERSION,
    module: join(import.meta.dirname, 'compose'),
    package: 'github.com/docker/compose/v2/cmd',
    linkerFlags: [`-X github.com/docker/compose/v2/internal.Version=v${COMPOSE_VERSION}`],
  });
}
