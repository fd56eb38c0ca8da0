import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exists } from '../system/exists.ts';
import { pollUntil } from '../system/poll.ts';
import { asOrdinaryUser, PostgresError, run, SUPERUSER } from './postgres.ts';

export interface NewDatabaseOptions {
  /** Folder of initdb and postgres. */
  readonly programs: string;
  /** The data folder, which is not there yet. */
  readonly data: string;
  /** The account, which has no password, and its database. */
  readonly role: string;
}

/**
 * Makes a data folder with one empty database, and serves it for as long as `fill` takes.
 * @param fill is given the folder of the server's socket, by which anybody of this user may log in
 * @throws PostgresError, and what `fill` throws
 */
export async function makeDatabase(
  { programs, data, role }: NewDatabaseOptions,
  fill: (sockets: string) => Promise<void>,
): Promise<void> {
  await run(
    asOrdinaryUser([
      join(programs, 'initdb'),
      ...['--pgdata', data, '--username', SUPERUSER, '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
      ...['--auth-local', 'trust', '--auth-host', 'scram-sha-256', '--no-sync'],
    ]),
  );
  const postgres = join(programs, 'postgres');
  await run(
    asOrdinaryUser([postgres, '--single', '-D', data, 'postgres']),
    `CREATE ROLE ${role} LOGIN\nCREATE DATABASE ${role} OWNER ${role}\n`,
  );
  // Only this user can reach the socket, so no password is needed.
  const sockets = await mkdtemp(join(tmpdir(), 'provehouse-'));
  const [program = '', ...words] = asOrdinaryUser([
    ...[postgres, '-D', data, '-k', sockets, '-c', 'listen_addresses='],
    ...['-c', 'fsync=off'],
  ]);
  const server = spawn(program, words, { stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    await pollUntil(() => exists(join(sockets, '.s.PGSQL.5432')), {
      ...{ seconds: 30, intervalMs: 20 },
      otherwise: () => new PostgresError('PostgreSQL did not start in 30 s.'),
    });
    await fill(sockets);
  } finally {
    server.kill('SIGINT');
    await ended;
    await rm(sockets, { recursive: true, force: true });
  }
}

/** The address of a database that is served so, for SQLAlchemy. */
export const socketUri = (role: string, sockets: string): string =>
  `postgresql+psycopg2://${role}@/${role}?host=${sockets}`;
