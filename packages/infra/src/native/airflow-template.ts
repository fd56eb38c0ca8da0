import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { ProvehouseError } from '@provehouse/secrets';
import { FAB_AUTH_MANAGER } from '../airflow/auth-manager.ts';
import { makeDatabase, socketUri } from '../services/new-database.ts';
import { AIRFLOW_ROLE } from '../services/postgres.ts';
import { makeOnce } from '../system/make-once.ts';

/** Thrown when the migrated database cannot be made. */
export class AirflowTemplateError extends ProvehouseError {
  override readonly name = 'AirflowTemplateError';
}

export interface TemplateOptions {
  readonly python: string;
  /** Folder of initdb and postgres. */
  readonly programs: string;
  /** The lock file that fixes Airflow's version, and so the form of its database. */
  readonly lockFile: string;
  readonly cache: string;
  readonly onBuild: () => void;
}

const script = join(import.meta.dirname, 'airflow_template.py');

/**
 * A PostgreSQL data folder with Airflow's migrated database, made once per lock file. It holds no
 * secret: nobody knows its accounts' passwords.
 * @throws AirflowTemplateError with the migration's last words, PostgresError
 */
export async function airflowTemplate(options: TemplateOptions): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(options.lockFile))
    .update(await readFile(script))
    .digest('hex')
    .slice(0, 16);
  const template = join(options.cache, `airflow-database-${key}`);
  await makeOnce(template, async (data) => {
    options.onBuild();
    await makeDatabase({ programs: options.programs, data, role: AIRFLOW_ROLE }, (sockets) =>
      migrate(options.python, socketUri(AIRFLOW_ROLE, sockets)),
    );
  });
  return template;
}

async function migrate(python: string, connection: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-'));
  await writeFile(join(home, 'airflow.cfg'), '');
  const { PYTHONDONTWRITEBYTECODE: _, ...inherited } = process.env;
  try {
    const result = await $({
      quiet: true,
      nothrow: true,
      env: {
        ...inherited,
        AIRFLOW_HOME: home,
        AIRFLOW__CORE__AUTH_MANAGER: FAB_AUTH_MANAGER,
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: connection,
      },
    })`${python} ${script}`;
    if (result.exitCode !== 0) {
      const lastWords = result.stderr.trim().split('\n').slice(-15).join('\n');
      throw new AirflowTemplateError(`Airflow's database could not be migrated:\n${lastWords}`);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
