import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder, writeWhole } from '@provehouse/infra';
import { cliConfiguration, ownInstallation } from './cli-configuration.ts';
import { dockerProvider, PROVIDER, VERSION } from './docker-provider.ts';
import { placeProvider } from './mirror-folder.ts';
import { registryAnswers, TERRAFORM_REGISTRY } from './registry.ts';

/** Thrown when PROVEHOUSE_PROVIDER_MIRROR is none of its values. */
export class MirrorSettingError extends Error {
  override readonly name = 'MirrorSettingError';
}

export interface ProviderMirrorOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder that keeps the provider and its mirror. */
  readonly cache: string;
  /** Told in one line what is done and why. */
  readonly progress: (message: string) => void;
  readonly isRegistryReachable?: () => Promise<boolean>;
  /** Gives the path of the provider's program. */
  readonly buildProvider?: (options: ProviderMirrorOptions) => Promise<string>;
}

const SETTING = 'PROVEHOUSE_PROVIDER_MIRROR';
const REGISTRY_TIMEOUT = 3_000;

/** The CLI configuration that `providerMirror` writes into the cache folder. */
export const configurationFile = (cache: string): string =>
  join(cache, 'provider-mirror', 'terraform.tfrc');

/**
 * Path of a CLI configuration (TF_CLI_CONFIG_FILE) with which Terraform and OpenTofu take the Docker
 * provider from a folder; undefined where the provider comes from its registry or from where the
 * user's own CLI configuration says. The setting PROVEHOUSE_PROVIDER_MIRROR (`auto`, `always`,
 * `never`) decides otherwise.
 * @throws MirrorSettingError, GoMissingError, GoBuildError
 */
export async function providerMirror(options: ProviderMirrorOptions): Promise<string | undefined> {
  const { environment, cache, progress, buildProvider = dockerProvider } = options;
  const file = configurationFile(cache);
  const reason = await reasonAgainst(options, file);
  if (reason !== undefined) {
    // Whoever finds the file uses it, so it must go when it is not meant to be used.
    await rm(file, { force: true });
    progress(`No provider mirror: ${reason}.`);
    return undefined;
  }
  const why =
    environment[SETTING] === 'always'
      ? `${SETTING} is always`
      : `${TERRAFORM_REGISTRY.host} cannot be reached`;
  progress(`The provider ${PROVIDER} comes from a mirror in ${cache}, because ${why}.`);
  const program = await buildProvider(options);
  // The mirror's name changes with what was built.
  const mirror = join(cache, 'provider-mirror', basename(dirname(program)));
  await placeProvider({ mirror, program, provider: PROVIDER, version: VERSION });
  await writeWhole(file, cliConfiguration(mirror, PROVIDER));
  return file;
}

async function reasonAgainst(
  options: ProviderMirrorOptions,
  file: string,
): Promise<string | undefined> {
  const { environment, isRegistryReachable = () => askRegistry(environment) } = options;
  const setting = environment[SETTING] ?? 'auto';
  if (setting === 'always') return undefined;
  if (setting === 'never') return `${SETTING} is never`;
  if (setting !== 'auto') {
    throw new MirrorSettingError(
      `Expected ${SETTING} to be auto, always or never, found ${JSON.stringify(setting)}.`,
    );
  }
  const own = await ownInstallation(environment, file);
  if (own !== undefined) return `${own} says where providers come from`;
  return (await isRegistryReachable()) ? `${TERRAFORM_REGISTRY.host} can be reached` : undefined;
}

const askRegistry = (environment: NodeJS.ProcessEnv): Promise<boolean> =>
  registryAnswers(TERRAFORM_REGISTRY, environment, REGISTRY_TIMEOUT);

if (import.meta.main) {
  try {
    const file = await providerMirror({
      environment: process.env,
      cache: cacheFolder(process.env),
      progress: (message) => process.stderr.write(`${message}\n`),
    });
    if (file !== undefined) process.stdout.write(`${file}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
