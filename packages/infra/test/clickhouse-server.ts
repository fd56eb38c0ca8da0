import { findServer, type FoundServer } from '../src/native/engines/find-server.ts';

/** The server that tests of replication use; where there is none they are skipped, which is said once. */
export async function serverForTests(): Promise<FoundServer | undefined> {
  const server = await findServer(process.env);
  if (server === undefined) {
    process.stderr.write('NO CLICKHOUSE SERVER: tests of replication are skipped.\n');
  }
  return server;
}
