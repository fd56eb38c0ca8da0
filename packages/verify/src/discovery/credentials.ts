import password from '@inquirer/password';
import { ProvehouseError } from '@provehouse/secrets';
import type { Account } from '@provehouse/infra/clickhouse';
import { readSecretFile } from '../secret-file.ts';

/** Thrown when it is not known who asks, or there is no password and nobody can be asked for it. */
export class CredentialsError extends ProvehouseError {
  override readonly name = 'CredentialsError';
}

/** Where the password is looked for before anybody is asked. */
export const PASSWORD_VARIABLE = 'PROVEHOUSE_PASSWORD';
/** Where the bearer token is looked for. */
export const TOKEN_VARIABLE = 'PROVEHOUSE_TOKEN';

/** Who asks, as it is said on the command line: a user, or whoever a token is for. */
export interface CredentialOptions {
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** What the account of a token is called until the server has said whose it is. */
const TOKEN_USER = 'of the token';

/**
 * The account that asks: a user with the password of the file, else of the environment, else of the
 * terminal, where an empty password is one; without a user the bearer token of the file, else of the
 * environment.
 * @throws CredentialsError, SecretFileError
 */
export async function readAccount(
  { user, passwordFile, tokenFile }: CredentialOptions,
  environment: NodeJS.ProcessEnv,
  terminal: boolean,
): Promise<Account> {
  if (user === undefined) {
    if (passwordFile !== undefined) {
      throw new CredentialsError('Expected --user with --password-file, found no user.');
    }
    return { user: TOKEN_USER, password: '', token: await readToken(tokenFile, environment) };
  }
  if (tokenFile !== undefined) {
    throw new CredentialsError(
      'Expected --user or --token-file, found both. A token says itself whose it is: leave --user out.',
    );
  }
  if (passwordFile !== undefined) {
    return { user, password: await lineIn(passwordFile, 'the password') };
  }
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

/** A token is of base64url with dots (RFC 7519), or at least of what may stand in a header (RFC 6750). */
const TOKEN = /^[\w.~+/-]+=*$/;

async function readToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const text = file === undefined ? environment[TOKEN_VARIABLE] : await lineIn(file, 'the token');
  if (text === undefined) {
    throw new CredentialsError(
      `Expected an account, found none. Name the user with --user; or a file with a bearer token with --token-file, or set ${TOKEN_VARIABLE}.`,
    );
  }
  if (!TOKEN.test(text.trim())) {
    throw new CredentialsError(
      `Expected a bearer token in ${file ?? TOKEN_VARIABLE}, found a text that cannot be one. It is one line, without the word Bearer.`,
    );
  }
  return text.trim();
}

const lineIn = async (file: string, what: string): Promise<string> =>
  (await readSecretFile(file, what)).replace(/\r?\n$/, '');
