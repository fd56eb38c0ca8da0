import { readFile } from 'node:fs/promises';
import password from '@inquirer/password';
import { ProvehouseError } from '@provehouse/secrets';
import type { Account } from '@provehouse/infra/clickhouse';

/** Thrown when there is no password, and nobody can be asked for it. */
export class CredentialsError extends ProvehouseError {
  override readonly name = 'CredentialsError';
}

/** Where the password is looked for before anybody is asked. */
export const PASSWORD_VARIABLE = 'PROVEHOUSE_PASSWORD';

export interface CredentialOptions {
  readonly user: string;
  readonly passwordFile?: string | undefined;
}

/**
 * The account that asks, its password from the file, else from the environment, else from the terminal.
 * An empty password is one.
 * @throws CredentialsError
 */
export async function readAccount(
  { user, passwordFile }: CredentialOptions,
  environment: NodeJS.ProcessEnv,
  terminal: boolean,
): Promise<Account> {
  if (passwordFile !== undefined) return { user, password: await passwordIn(passwordFile) };
  const given = environment[PASSWORD_VARIABLE];
  if (given !== undefined) return { user, password: given };
  if (!terminal) {
    throw new CredentialsError(
      `Expected the password of ${user}, found no terminal to ask for it. Set ${PASSWORD_VARIABLE}, or name a file with --password-file.`,
    );
  }
  // Verdicts go to the standard output; questions do not.
  const answer = await password({ message: `Password of ${user}:` }, { output: process.stderr });
  return { user, password: answer };
}

async function passwordIn(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (cause) {
    throw new CredentialsError(
      `Expected the password in ${file}, found no file that can be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)}).`,
      { cause },
    );
  }
}
