import { mkdir } from 'node:fs/promises';
import { generateSecrets, readSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import type { Progress } from '../runtime.ts';
import { exists } from './exists.ts';
import type { Plan } from './plan.ts';
import { assemble, type Platform } from './platform.ts';
import { findPrograms } from './programs.ts';
import type { StateFolder } from './state-folder.ts';

/** Thrown when what is asked does not fit the platform as it is. */
export class PlatformStateError extends Error {
  override readonly name = 'PlatformStateError';
}

/** A progress that nobody looks at. */
export const silent: Progress = { message() {}, waiting() {}, ready() {} };

/** The platform's secrets, made if there are none. @throws SecretsError for a file that is not whole */
export async function ensureSecrets(folder: StateFolder, progress: Progress): Promise<Secrets> {
  if (!(await exists(folder.secretsFile))) {
    await mkdir(folder.root, { recursive: true });
    await writeSecrets(folder.secretsFile, generateSecrets(), { force: false });
    progress.message(`New secrets are in ${folder.secretsFile}.`);
  }
  return readSecrets(folder.secretsFile);
}

/** The platform of a plan; makes its secrets if there are none. */
export async function loadPlatform(
  folder: StateFolder,
  plan: Plan,
  progress = silent,
): Promise<Platform> {
  const secrets = await ensureSecrets(folder, progress);
  const programs = await findPrograms();
  return assemble({ folder, plan, secrets, programs, onMessage: (text) => progress.message(text) });
}

/** The names of a platform's components. */
export const componentNames = ({ components }: Platform): string[] =>
  components.map(({ name }) => name);
