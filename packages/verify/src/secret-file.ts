import { readFile } from 'node:fs/promises';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown for a file with a secret that cannot be read. */
export class SecretFileError extends ProvehouseError {
  override readonly name = 'SecretFileError';
}

/**
 * The text of a file that holds one secret.
 * @param what the secret, for who reads the error: `the password`
 * @throws SecretFileError
 */
export async function readSecretFile(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new SecretFileError(
      `Expected ${what} in ${file}, found no file that can be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      { cause },
    );
  }
}
