import { ProvehouseError, type Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import type { Capabilities, ClickHouseNode } from '../state/deployment.ts';
import type { DatabaseEngine } from './engine.ts';
import { retryUntil } from '../system/retry-until.ts';
import { connectNode, type ConnectedNode } from './node-client.ts';
import { QueryError } from './query-error.ts';
import { quoteName, quoteText } from './quote.ts';

const TIMEOUT_MS = 10_000;
/** Every node must have executed the statement before the answer comes. */
const ON_CLUSTER_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** What a node says that serves queries and does not execute statements ON CLUSTER yet. */
const NO_WORKER_YET = 'DDL background thread is not initialized';

/** Thrown when a node answers otherwise than it must. */
export class ClickHouseNodeError extends ProvehouseError {
  override readonly name = 'ClickHouseNodeError';
}

/**
 * Asks a node its name, logged in as the administrator.
 * @throws ClickHouseNodeError when another node answers
 */
export async function askName(
  node: ClickHouseNode,
  secrets: Secrets,
  signal?: AbortSignal,
): Promise<void> {
  const name = await connected(node, secrets, (client) => client.displayName(signal));
  if (name !== node.name) {
    throw new ClickHouseNodeError(
      `Expected ${node.name} to answer at ${node.httpPort}, found ${name ?? 'a server without a name'}.`,
    );
  }
}

/** The version that a node says it has. */
export async function askVersion(node: ClickHouseNode, secrets: Secrets): Promise<string> {
  return (await ask(node, secrets, 'SELECT version() AS version', versionRow)).version;
}

/**
 * Asks a node for all nodes of its cluster.
 * @throws ClickHouseNodeError when not all of them answered
 */
export async function askClusterSize(
  node: ClickHouseNode,
  secrets: Secrets,
  { cluster, expected }: { readonly cluster: string; readonly expected: number },
): Promise<void> {
  const query = `SELECT count() AS found FROM clusterAllReplicas(${quoteText(cluster)}, system.one)`;
  const { found: nodes } = await ask(node, secrets, query, countRow);
  if (nodes !== expected) {
    throw new ClickHouseNodeError(`Expected ${expected} nodes in the cluster, found ${nodes}.`);
  }
}

/** What a node can do, found by asking it; `database` is there already. */
export async function askCapabilities(
  node: ClickHouseNode,
  secrets: Secrets,
  database: string,
): Promise<Capabilities> {
  const count = async (table: string, condition: string): Promise<number> => {
    const exists = await ask(node, secrets, `EXISTS TABLE system.${table}`, existsRow);
    if (exists.result === 0) return 0;
    const query = `SELECT count() AS found FROM system.${table} WHERE ${condition}`;
    return (await ask(node, secrets, query, countRow)).found;
  };
  const named = `name = ${quoteText(database)}`;
  const [coordination, directories, atomic, replicated] = await Promise.all([
    // The table is there only where coordination is configured, and answers only where it serves.
    count('zookeeper', "path = '/'"),
    count('user_directories', "type = 'local directory'"),
    count('databases', `${named} AND engine IN ('Atomic', 'Replicated')`),
    count('databases', `${named} AND engine = 'Replicated'`),
  ]);
  return {
    replication: coordination > 0 ? 'keeper' : 'distributed-writes',
    distributedDdl: coordination > 0,
    exchangeTables: atomic > 0,
    replicatedDatabase: replicated > 0,
    sqlUsers: directories > 0,
  };
}

/**
 * Makes the database on all nodes of a cluster through one of them, which shows that statements of all
 * nodes reach every one.
 * @throws ClickHouseNodeError when not every node executed it
 */
export async function createDatabaseOnCluster(
  node: ClickHouseNode,
  secrets: Secrets,
  {
    cluster,
    database,
    databaseEngine,
    expected,
  }: {
    readonly cluster: string;
    readonly database: string;
    readonly databaseEngine: DatabaseEngine;
    readonly expected: number;
  },
): Promise<void> {
  const statement = `CREATE DATABASE IF NOT EXISTS ${quoteName(database)} ON CLUSTER ${quoteName(cluster)}${engineClause(database, databaseEngine)}`;
  const answer = await executeOnCluster(node, secrets, statement).catch((cause: unknown) => {
    const [said] = cause instanceof Error ? cause.message.split('\n') : [String(cause)];
    throw new ClickHouseNodeError(
      `${node.name} could not make the database ON CLUSTER: ${said} Its log says more: npx nx run infra:logs ${node.name}`,
      { cause },
    );
  });
  const hosts = answer.split('\n').filter((line) => line !== '');
  const failed = hosts.map((line) => line.split('\t')).find(([, , status]) => status !== '0');
  if (hosts.length !== expected || failed !== undefined) {
    throw new ClickHouseNodeError(
      `Expected ${expected} nodes to make the database ON CLUSTER, found ${hosts.length}` +
        `${failed ? `, of which ${failed[0]}:${failed[1]} says ${failed[3]}` : ''}.`,
    );
  }
}

/** The answer to a statement ON CLUSTER, as soon as the node has the worker for it. */
function executeOnCluster(
  node: ClickHouseNode,
  secrets: Secrets,
  statement: string,
): Promise<string> {
  // Old versions give no other format than this for it: host, port, status, error, ….
  const answer = (client: ConnectedNode): Promise<string> => client.text(statement);
  return retryUntil(() => connected(node, secrets, answer, ON_CLUSTER_TIMEOUT_MS), {
    signal: AbortSignal.timeout(ON_CLUSTER_TIMEOUT_MS),
    interval: POLL_MS,
    isFinal: (error) => !(error instanceof QueryError && error.message.includes(NO_WORKER_YET)),
  });
}

/** Makes the database on one node unless it is there. */
export async function createDatabase(
  node: ClickHouseNode,
  secrets: Secrets,
  database: string,
  databaseEngine: DatabaseEngine = 'atomic',
): Promise<void> {
  const statement = `CREATE DATABASE IF NOT EXISTS ${quoteName(database)}${engineClause(database, databaseEngine)}`;
  await connected(node, secrets, (client) => client.command(statement));
}

/** Every version has a default of its own; https://clickhouse.com/docs/engines/database-engines/replicated */
const engineClause = (database: string, engine: DatabaseEngine): string =>
  engine === 'replicated'
    ? ` ENGINE = Replicated(${quoteText(`/clickhouse/databases/${database}`)}, '{shard}', '{replica}')`
    : '';

const versionRow = z.object({ version: z.string() });
const countRow = z.object({ found: z.coerce.number() });
const existsRow = z.object({ result: z.coerce.number() });

/** The one row of an answer. */
async function ask<Row extends z.ZodType>(
  node: ClickHouseNode,
  secrets: Secrets,
  query: string,
  row: Row,
): Promise<z.infer<Row>> {
  const [found] = await connected(node, secrets, (client) => client.query(query, row));
  if (found === undefined) throw new ClickHouseNodeError(`${node.name} gave no row for ${query}.`);
  return found;
}

async function connected<Answer>(
  node: ClickHouseNode,
  secrets: Secrets,
  action: (client: ConnectedNode) => Promise<Answer>,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const account = { user: secrets.super_user_name, password: secrets.super_user_password };
  const client = connectNode(node, account, timeoutMs);
  try {
    return await action(client);
  } finally {
    await client.close();
  }
}
