import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Secrets } from '@provehouse/secrets';
import pg from 'pg';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { exists } from '../system/exists.ts';
import { giveInput } from '../system/give-input.ts';
import { isAlive } from '../system/processes.ts';
import { TIME_ZONE } from '../system/time-zone.ts';

/** Thrown when PostgreSQL cannot be set up; the cause has its own words. */
export class PostgresError extends ProvehouseError {
  override readonly name = 'PostgresError';
}

/** Where one server of this machine keeps its data, and what it is made from. */
export interface DataFolderOptions {
  readonly folder: string;
  /** Folder of initdb and postgres. */
  readonly programs: string;
  readonly port: number;
  readonly secrets: Secrets;
  /** Gives a data folder whose `airflow` database is migrated; it is copied, never changed. */
  readonly template: () => Promise<string>;
}

/** The account that owns the data folder and the account and database of Airflow. */
export const SUPERUSER = 'postgres';
export const AIRFLOW_ROLE = 'airflow';

/**
 * A command line that PostgreSQL accepts also from root, which it refuses to run as: in a user
 * namespace of its own, root is an ordinary user who owns the same files.
 */
export function asOrdinaryUser(command: readonly string[]): string[] {
  if (process.getuid?.() !== 0) return [...command];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...command];
}

/**
 * Makes the data folder, if it is not there, and its settings and passwords what they must be, before the
 * server starts.
 * @throws PostgresError
 */
export async function prepareDataFolder(options: DataFolderOptions): Promise<void> {
  const { folder, port, template } = options;
  if (!(await exists(join(folder, 'PG_VERSION')))) {
    const draft = `${folder}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    // Many small files, which Node copies in three times the time. A link in the cache is followed: what it
    // leads to must not become this platform's.
    await run(['cp', '-R', '-H', await template(), draft]);
    await rename(draft, folder);
  }
  await removeStaleLock(folder);
  await writeFile(join(folder, 'postgresql.auto.conf'), renderSettings(port));
  await writeFile(join(folder, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  await setPasswords(options);
}

/**
 * Removes the lock of a server that was killed. PostgreSQL itself takes a dead process that nobody
 * has reaped yet for a running one.
 */
async function removeStaleLock(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  const [pid] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  if (pid && !(await isAlive(Number(pid)))) await rm(file, { force: true });
}

/** Settings of the server; errors never repeat a statement, which may hold a password. */
function renderSettings(port: number): string {
  const settings = {
    listen_addresses: "'127.0.0.1'",
    port,
    unix_socket_directories: "''",
    max_connections: 100,
    shared_buffers: "'64MB'",
    // Its data folder was made in a time zone of its own.
    timezone: `'${TIME_ZONE}'`,
    log_timezone: `'${TIME_ZONE}'`,
    log_min_error_statement: 'panic',
    password_encryption: "'scram-sha-256'",
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** Single-user mode needs no login, so this works whatever password the data folder had before. */
async function setPasswords({ folder, programs, secrets }: DataFolderOptions): Promise<void> {
  const { postgres_password, airflow_database_password } = secrets;
  await run(
    asOrdinaryUser([
      join(programs, 'postgres'),
      '--single',
      ...['-j', '-D', folder, '-c', 'exit_on_error=on', 'postgres'],
    ]),
    `ALTER ROLE ${SUPERUSER} PASSWORD ${pg.escapeLiteral(postgres_password)};\n\n` +
      `ALTER ROLE ${AIRFLOW_ROLE} PASSWORD ${pg.escapeLiteral(airflow_database_password)};\n\n`,
  );
}

/**
 * Runs a command to its end.
 * @throws PostgresError with what it said, which never contains the input
 */
export async function run(command: readonly string[], input = ''): Promise<void> {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'] });
  giveInput(child.stdin, input);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]).catch(
    (cause: unknown) => {
      throw new PostgresError(`${program} could not be started.`, { cause });
    },
  );
  if (code !== 0) {
    const name = words.find((word) => word.includes('/')) ?? program;
    throw new PostgresError(`${name} ended with code ${String(code)}:\n${said.trim()}`);
  }
}

/** Where a server of this machine answers, and what logs in there. */
export interface PostgresServer {
  readonly port: number;
  readonly secrets: Secrets;
}

/** Logs in as the superuser over TCP and runs a statement; gives its rows. */
export async function query(
  { port, secrets }: PostgresServer,
  database: string,
  sql: string,
): Promise<unknown[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    database,
    user: SUPERUSER,
    password: secrets.postgres_password,
    connectionTimeoutMillis: 5000,
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Makes an account that may log in, unless it is there, and gives it the password. */
export const loginSql = (account: string, password: string): string =>
  `DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${pg.escapeLiteral(account)}) THEN
      CREATE ROLE ${pg.escapeIdentifier(account)} LOGIN;
    END IF;
  END $$;
  ALTER ROLE ${pg.escapeIdentifier(account)} PASSWORD ${pg.escapeLiteral(password)};`;

/** The server's version, such as `18.6`. */
export async function askVersion(server: PostgresServer): Promise<string> {
  const [row] = await query(server, 'postgres', 'SHOW server_version');
  return z.object({ server_version: z.string() }).parse(row).server_version;
}
