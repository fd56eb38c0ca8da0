import { join } from 'node:path';
import pg from 'pg';
import { $ } from 'zx';
import { loginSql, PostgresError, query, type PostgresServer } from './postgres.ts';

/** A database for somebody besides Airflow, and the account of that name which owns it. */
export interface ConsumerDatabase {
  readonly name: string;
  readonly password: string;
  /** File of SQL that fills a new database, as pg_dump writes it. */
  readonly dump: string;
  /** Folder of PostgreSQL's programs. */
  readonly programs: string;
}

/**
 * Makes account and database, unless they are there, with the password that they must have; others may
 * not connect to it. A database that has tables stays as it is.
 * @throws PostgresError with psql's last words
 */
export async function provideDatabase(
  server: PostgresServer,
  { name, password, dump, programs }: ConsumerDatabase,
): Promise<void> {
  const ask = (sql: string, database = 'postgres') => query(server, database, sql);
  const [role, database] = [pg.escapeIdentifier(name), pg.escapeLiteral(name)];
  await ask(loginSql(name, password));
  if ((await ask(`SELECT FROM pg_database WHERE datname = ${database}`)).length === 0) {
    await ask(`CREATE DATABASE ${role} OWNER ${role}`);
  }
  await ask(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
  const tables = `SELECT FROM pg_tables WHERE schemaname = 'public' LIMIT 1`;
  if ((await ask(tables, name)).length > 0) return;
  const words = ['--no-psqlrc', '--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1'];
  const place = ['--host=127.0.0.1', `--port=${server.port}`, `--username=${name}`];
  const { exitCode, stderr } = await $({
    ...{ quiet: true, nothrow: true },
    env: { ...process.env, PGPASSWORD: password },
  })`${join(programs, 'psql')} ${words} ${place} --dbname=${name} --file=${dump}`;
  if (exitCode === 0) return;
  throw new PostgresError(
    `The database ${name} could not be filled: ${stderr.trim().split('\n').at(-1)}`,
  );
}
