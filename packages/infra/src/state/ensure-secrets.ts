import { mkdir } from 'node:fs/promises';
import {
  completeSecrets,
  generateSecrets,
  readSecrets,
  rotateSecrets,
  writeSecrets,
  type FieldName,
  type Secrets,
} from '@provehouse/secrets';
import type { Progress } from '../runtime.ts';
import { exists } from '../system/exists.ts';
import type { StateFolder } from './state-folder.ts';

/**
 * The platform's secrets, made if there are none; what a newer version needs, and optional ones that are
 * `needed`, is added.
 * @throws SecretsError for a file that is not whole
 */
export async function ensureSecrets(
  folder: StateFolder,
  progress: Progress,
  needed: readonly FieldName[] = [],
): Promise<Secrets> {
  if (!(await exists(folder.secretsFile))) {
    await mkdir(folder.root, { recursive: true });
    await writeSecrets(folder.secretsFile, generateSecrets(), { force: false });
    progress.message(`New secrets are in ${folder.secretsFile}.`);
  } else {
    const added = await completeSecrets(folder.secretsFile);
    if (added.length > 0) progress.message(`Added ${added.join(', ')} to ${folder.secretsFile}.`);
  }
  const secrets = await readSecrets(folder.secretsFile);
  const missing = needed.filter((field) => secrets[field] === undefined);
  if (missing.length === 0) return secrets;
  const whole = rotateSecrets(secrets, missing);
  await writeSecrets(folder.secretsFile, whole, { force: true });
  progress.message(`Added ${missing.join(', ')} to ${folder.secretsFile}.`);
  return whole;
}
