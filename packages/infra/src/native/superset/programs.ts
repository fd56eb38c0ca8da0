import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { WORKSPACE } from '../../state/workspace.ts';
import { exists } from '../../system/exists.ts';
import { makeOnce } from '../../system/make-once.ts';

/** The uv project with the lock of Superset and all that it imports. */
export const SUPERSET_PROJECT = import.meta.dirname;

/** Installs a locked uv project into an environment of its own. */
const INSTALLER = join(WORKSPACE, 'tools/modules/install-project.mjs');

/** Long enough for 170 MB on a slow line, and their bytecode. */
const INSTALL_LIMIT = '20m';

/** Thrown when Superset cannot be installed, or its database cannot be made or kept. */
export class SupersetProgramError extends ProvehouseError {
  override readonly name = 'SupersetProgramError';
}

/** A text that is another for other locked packages or another content of these files of the project. */
export async function keyOf(...files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(SUPERSET_PROJECT, file)));
  return hash.digest('hex').slice(0, 16);
}

async function folderIn(cache: string): Promise<string> {
  return join(cache, `superset-${await keyOf('pyproject.toml', 'uv.lock')}`);
}

const pythonIn = (folder: string): string => join(folder, 'bin/python');

/** The Python of Superset's environment in the cache, if it is there. */
export async function findSuperset(cache: string): Promise<string | undefined> {
  const python = pythonIn(await folderIn(cache));
  return (await exists(python)) ? python : undefined;
}

/**
 * The Python of an environment with the locked Superset, which is installed once per user.
 * @throws SupersetProgramError with the installer's last words
 */
export async function provideSuperset({
  cache,
  onInstall,
}: {
  readonly cache: string;
  readonly onInstall: () => void;
}): Promise<string> {
  const folder = await folderIn(cache);
  await makeOnce(folder, async (draft) => {
    onInstall();
    const options = { quiet: true, nothrow: true, timeout: INSTALL_LIMIT } as const;
    const { exitCode, stderr } = await $(
      options,
    )`${process.execPath} ${INSTALLER} ${SUPERSET_PROJECT} ${draft}`;
    if (exitCode === 0) return;
    const words = stderr.trim().split('\n').slice(-3).join(' ');
    throw new SupersetProgramError(
      `Superset cannot be installed: ${words || `the installer did not end within ${INSTALL_LIMIT}`}. ` +
        'Expected a Python 3.11 or 3.12 and the package registry: start once where both are there, or leave superset out of --with.',
    );
  });
  return pythonIn(folder);
}
