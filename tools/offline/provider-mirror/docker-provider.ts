import { join } from 'node:path';
import { goProgram } from '@provehouse/infra';

/** The provider's address without its registry. */
export const PROVIDER = 'kreuzwerker/docker';
/** The release that is built. */
export const VERSION = '4.6.0';

/**
 * Path of the Docker provider's program, built from its Go modules and kept in `cache`.
 * @throws GoMissingError, GoBuildError
 */
export function dockerProvider(options: {
  readonly cache: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: (message: string) => void;
}): Promise<string> {
  return goProgram({
    ...options,
    name: 'terraform-provider-docker',
    version: VERSION,
    module: join(import.meta.dirname, 'provider'),
    package: 'github.com/terraform-providers/terraform-provider-docker',
    linkerFlags: [`-X main.version=${VERSION}`],
  });
}
