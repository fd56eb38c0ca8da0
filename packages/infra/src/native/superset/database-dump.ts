import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { makeDatabase, socketUri } from '../../services/new-database.ts';
import { SUPERUSER } from '../../services/postgres.ts';
import { makeOnce } from '../../system/make-once.ts';
import { keyOf, SupersetProgramError } from './programs.ts';

/** Superset's account in PostgreSQL, and its database. */
export const SUPERSET_ROLE = 'superset';

export interface DumpOptions {
  /** The Python of Superset's environment. */
  readonly python: string;
  /** Folder of PostgreSQL's programs. */
  readonly postgres: string;
  readonly cache: string;
  readonly onBuild: () => void;
}

const dumpIn = (folder: string): string => join(folder, 'superset.sql');

/** Where the file of `makeDump` is. */
export async function dumpFile(cache: string): Promise<string> {
  return dumpIn(join(cache, `superset-database-${await keyOf('uv.lock', 'migrate.py')}`));
}

/**
 * A file of SQL that makes Superset's migrated database of an empty one; it is made once per lock file.
 * It holds no secret: nobody knows the password of its administrator.
 * @throws SupersetProgramError with the last words of the migration, PostgresError
 */
export async function makeDump(options: DumpOptions): Promise<string> {
  const { cache, postgres: programs, onBuild } = options;
  const file = await dumpFile(cache);
  await makeOnce(dirname(file), async (draft) => {
    onBuild();
    await mkdir(draft);
    const data = await mkdtemp(join(tmpdir(), 'provehouse-'));
    try {
      const database = { programs, data: join(data, 'postgres'), role: SUPERSET_ROLE };
      await makeDatabase(database, async (sockets) => {
        await migrate(options.python, socketUri(SUPERSET_ROLE, sockets), data);
        const words = ['--host', sockets, '--username', SUPERUSER, '--file', dumpIn(draft)];
        await $({
          quiet: true,
        })`${join(programs, 'pg_dump')} --no-owner --no-privileges ${words} ${SUPERSET_ROLE}`;
      });
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
  return file;
}

async function migrate(python: string, connection: string, home: string): Promise<void> {
  const { PYTHONDONTWRITEBYTECODE: _, SUPERSET_CONFIG_PATH: __, ...inherited } = process.env;
  const { exitCode, stderr } = await $({
    ...{ quiet: true, nothrow: true, cwd: home },
    env: {
      ...inherited,
      SUPERSET_HOME: home,
      SUPERSET_SECRET_KEY: randomBytes(48).toString('base64url'),
      SUPERSET__SQLALCHEMY_DATABASE_URI: connection,
    },
  })`${python} ${join(import.meta.dirname, 'migrate.py')}`;
  if (exitCode === 0) return;
  const lastWords = stderr.trim().split('\n').slice(-15).join('\n');
  throw new SupersetProgramError(`Superset's database could not be migrated:\n${lastWords}`);
}
