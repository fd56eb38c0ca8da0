import type { Deployment } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { hasSystemTable } from './dialect.ts';

const databaseRow = z.object({ engine: z.string(), engine_full: z.string().optional() });
const tableRow = z.object({ name: z.string(), uuid: z.string() });
const replicaRow = z.looseObject({
  is_readonly: z.coerce.number(),
  is_session_expired: z.coerce.number(),
  zookeeper_path: z.string(),
  /** The newest statement of the database's log, and the newest that the replica has taken up. */
  max_log_ptr: z.coerce.number(),
  log_ptr: z.coerce.number(),
  total_replicas: z.coerce.number(),
  /** Why what is read from coordination is unknown. */
  zookeeper_exception: z.string(),
});

/** A row of `system.database_replicas` (https://clickhouse.com/docs/operations/system-tables/database_replicas). */
export type DatabaseReplica = z.infer<typeof replicaRow>;

/** What one node says of a database. */
export interface DatabaseState {
  readonly engine: string;
  /** What it says of its replica, in a Replicated database of a server that can tell. */
  readonly replica?: DatabaseReplica | undefined;
  /** Names of its tables with their UUIDs; read from a Replicated database alone. */
  readonly tables: ReadonlyMap<string, string>;
}

/** The statement that gives the engine of the deployment's database. */
export const databaseSql = ({ clickhouse }: Deployment): string =>
  `SELECT * FROM system.databases WHERE name = ${quoteText(clickhouse.database)}`;

/** The statement that gives a node's replica of the deployment's database, if it is Replicated. */
export const databaseReplicaSql = ({ clickhouse }: Deployment): string =>
  `SELECT * FROM system.database_replicas WHERE database = ${quoteText(clickhouse.database)}`;

/** The statement that gives the tables of the deployment's database. */
export const tablesSql = ({ clickhouse }: Deployment): string =>
  `SELECT name, toString(uuid) AS uuid FROM system.tables
   WHERE database = ${quoteText(clickhouse.database)} ORDER BY name`;

/** What a node says of the deployment's database; nothing where it has none. @throws QueryError */
export async function readDatabaseState(
  client: NodeClient,
  deployment: Deployment,
): Promise<DatabaseState | undefined> {
  const [database] = await client.query(databaseSql(deployment), databaseRow);
  if (database === undefined) return undefined;
  if (database.engine !== 'Replicated') return { engine: database.engine, tables: new Map() };
  const [replicas, tables] = await Promise.all([
    // Younger than the engine.
    (await hasSystemTable(client, 'database_replicas'))
      ? client.query(databaseReplicaSql(deployment), replicaRow)
      : [],
    client.query(tablesSql(deployment), tableRow),
  ]);
  return {
    engine: database.engine,
    replica: replicas[0],
    tables: new Map(tables.map(({ name, uuid }) => [name, uuid])),
  };
}
