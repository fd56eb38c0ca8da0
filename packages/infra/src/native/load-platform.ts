import { readSecrets, type Secrets } from '@provehouse/secrets';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { silent, type Progress } from '../runtime.ts';
import type { StateFolder } from '../state/state-folder.ts';
import type { Plan } from './plan.ts';
import { assemble, type Platform } from './platform.ts';
import { findPrograms } from './programs.ts';

/** Where a platform is, and what it may be made of. */
export interface PlatformPlace {
  readonly folder: StateFolder;
  readonly descriptors: readonly ComponentDescriptor[];
}

/**
 * The platform of a plan.
 * @param other secrets instead of those that are kept
 * @throws SecretsError when its secrets are not there or not whole
 */
export async function loadPlatform(
  { folder, descriptors }: PlatformPlace,
  plan: Plan,
  progress: Progress = silent,
  other?: Secrets,
): Promise<Platform> {
  const secrets = other ?? (await readSecrets(folder.secretsFile));
  const programs = await findPrograms();
  return assemble({
    ...{ descriptors, folder, plan, secrets, programs },
    onMessage: (text) => progress.message(text),
  });
}

/** The names of a platform's components. */
export const componentNames = ({ components }: Platform): string[] =>
  components.map(({ name }) => name);
