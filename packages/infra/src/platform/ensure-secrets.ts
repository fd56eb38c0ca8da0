import { mkdir } from 'node:fs/promises';
import { generateSecrets, readSecrets, writeSecrets, type Secrets } from '@provehouse/secrets';
import type { Progress } from '../runtime.ts';
import { exists } from './exists.ts';
import type { StateFolder } from './state-folder.ts';

/** The platform's secrets, made if there are none. @throws SecretsError for a file that is not whole */
export async function ensureSecrets(folder: StateFolder, progress: Progress): Promise<Secrets> {
  if (!(await exists(folder.secretsFile))) {
    await mkdir(folder.root, { recursive: true });
    await writeSecrets(folder.secretsFile, generateSecrets(), { force: false });
    progress.message(`New secrets are in ${folder.secretsFile}.`);
  }
  return readSecrets(folder.secretsFile);
}
