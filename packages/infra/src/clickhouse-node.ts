import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import type { Capabilities, ClickHouseNode } from './deployment.ts';
import type { DatabaseEngine } from './native/engines/engine.ts';

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
  const name = await connected(node, secrets, async (client) => {
    const { response_headers: headers } = await client.query({
      query: 'SELECT 1',
      ...(signal && { abort_signal: signal }),
    });
    // Old versions have no function for it.
    return String(headers['x-clickhouse-server-display-name']);
  });
  if (name !== node.name) {
    throw new ClickHouseNodeError(
      `Expected ${node.name} to answer at ${node.httpPort}, found ${name}.`,
    );
  }
}

/** The version that a node says it has. */
export async function askVersion(node: ClickHouseNode, secrets: Secrets): Promise<string> {
  const [row] = await ask(node, secrets, 'SELECT version() AS version');
  return z.object({ version: z.string() }).parse(row).version;
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
  const query = `SELECT count() AS nodes FROM clusterAllReplicas('${cluster}', system.one)`;
  const [row] = await ask(node, secrets, query);
  const { nodes } = z.object({ nodes: z.coerce.number() }).parse(row);
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
    const [exists] = await ask(node, secrets, `EXISTS TABLE system.${table}`);
    if (z.object({ result: z.coerce.number() }).parse(exists).result === 0) return 0;
    const query = `SELECT count() AS found FROM system.${table} WHERE ${condition}`;
    const [row] = await ask(node, secrets, query);
    return z.object({ found: z.coerce.number() }).parse(row).found;
  };
  const [coordination, directories, atomic, replicated] = await Promise.all([
    // The table is there only where coordination is configured, and answers only where it serves.
    count('zookeeper', "path = '/'"),
    count('user_directories', "type = 'local directory'"),
    count('databases', `name = '${database}' AND engine IN ('Atomic', 'Replicated')`),
    count('databases', `name = '${database}' AND engine = 'Replicated'`),
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
  const statement = `CREATE DATABASE IF NOT EXISTS \`${database}\` ON CLUSTER \`${cluster}\`${engineClause(database, databaseEngine)}`;
  const answer = await executeOnCluster(node, secrets, statement).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
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
async function executeOnCluster(
  node: ClickHouseNode,
  secrets: Secrets,
  statement: string,
): Promise<string> {
  const deadline = performance.now() + ON_CLUSTER_TIMEOUT_MS;
  for (;;) {
    try {
      // Old versions give no other format than this for it: host, port, status, error, ….
      return await connected(
        node,
        secrets,
        async (client) => text((await client.exec({ query: statement })).stream),
        ON_CLUSTER_TIMEOUT_MS,
      );
    } catch (error) {
      const early = error instanceof Error && error.message.includes(NO_WORKER_YET);
      if (!early || performance.now() > deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

/** Makes the database on one node unless it is there. */
export async function createDatabase(
  node: ClickHouseNode,
  secrets: Secrets,
  database: string,
  databaseEngine: DatabaseEngine = 'atomic',
): Promise<void> {
  const statement = `CREATE DATABASE IF NOT EXISTS \`${database}\`${engineClause(database, databaseEngine)}`;
  await command(node, secrets, statement);
}

/** Every version has a default of its own; https://clickhouse.com/docs/engines/database-engines/replicated */
const engineClause = (database: string, engine: DatabaseEngine): string =>
  engine === 'replicated'
    ? ` ENGINE = Replicated('/clickhouse/databases/${database}', '{shard}', '{replica}')`
    : '';

/** The rows of a query, as the administrator. @throws the client's error */
export async function ask(
  node: ClickHouseNode,
  secrets: Secrets,
  query: string,
): Promise<unknown[]> {
  return connected(node, secrets, async (client) => {
    const result = await client.query({ query, format: 'JSONEachRow' });
    return result.json();
  });
}

/** Executes a statement as the administrator. @throws the client's error */
export async function command(
  node: ClickHouseNode,
  secrets: Secrets,
  query: string,
): Promise<void> {
  await connected(node, secrets, (client) => client.command({ query }));
}

async function connected<Answer>(
  node: ClickHouseNode,
  secrets: Secrets,
  action: (client: ClickHouseClient) => Promise<Answer>,
  timeoutMs = TIMEOUT_MS,
): Promise<Answer> {
  const client = createClient({
    url: `http://${node.host}:${node.httpPort}`,
    username: secrets.super_user_name,
    password: secrets.super_user_password,
    request_timeout: timeoutMs,
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    return await action(client);
  } finally {
    await client.close();
  }
}
