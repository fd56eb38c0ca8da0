import { join, resolve } from 'node:path';
import { SecretsError } from './secrets-error.ts';

const WORKSPACE = resolve(import.meta.dirname, '../../..');
const PLATFORM_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A path as somebody wrote it, made absolute. It counts from the folder in which the command was given,
 * also where Nx has gone to the workspace to run it: npm keeps that folder in `INIT_CWD`
 * (https://docs.npmjs.com/cli/commands/npm-run-script).
 */
export function givenPath(
  path: string,
  environment: Environment = process.env,
  workingFolder = process.cwd(),
): string {
  const { NX_TASK_TARGET_PROJECT: project, NX_WORKSPACE_ROOT: root, INIT_CWD } = environment;
  const byNx = project !== undefined && root === workingFolder;
  return resolve((byNx && INIT_CWD) || workingFolder, path);
}

/** The folder of all platforms: PROVEHOUSE_HOME, or `.provehouse` in the workspace. */
export const defaultHome = (environment: Environment): string =>
  givenPath(environment['PROVEHOUSE_HOME'] || join(WORKSPACE, '.provehouse'), environment);

/** The platform's name: PROVEHOUSE_NAME, or `local`. */
export const defaultName = (environment: Environment): string =>
  environment['PROVEHOUSE_NAME'] || 'local';

/**
 * The secrets file of the platform `name` below `home`.
 * @throws SecretsError for a name that cannot be a platform's
 */
export function secretsFile(home: string, name: string): string {
  if (!PLATFORM_NAME.test(name)) {
    throw new SecretsError(
      `A platform's name has 1 to 32 lower-case letters, digits and dashes; found ${JSON.stringify(name)}.`,
    );
  }
  return join(home, name, 'secrets.env');
}
