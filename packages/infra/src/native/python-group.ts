import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { $ } from 'zx';
import { WORKSPACE } from '../state/workspace.ts';

/** Thrown when Python packages that a module needs cannot be installed. */
export class PythonGroupError extends ProvehouseError {
  override readonly name = 'PythonGroupError';
}

/** Installs a group of the locked Python packages beside those that are there. */
const INSTALLER = join(WORKSPACE, 'tools/modules/install-python-group.mjs');

/**
 * Installs the Python packages that Airflow needs for a module, which are locked, unless they are there.
 * Groups that other modules have brought stay.
 * @throws PythonGroupError with the installer's last words
 */
export async function providePythonGroup(group: 'kafka' | 'monitoring' | 'storage'): Promise<void> {
  const options = { quiet: true, nothrow: true } as const;
  const { exitCode, stderr } = await $(options)`${process.execPath} ${INSTALLER} ${group}`;
  if (exitCode === 0) return;
  throw new PythonGroupError(
    `Expected the Python packages of the group ${group} in packages/etl-dags/.venv, found: ${stderr.trim().split('\n').at(-1)}. ` +
      'Start once where the package registry is reached, or leave the module out with --with none.',
  );
}
