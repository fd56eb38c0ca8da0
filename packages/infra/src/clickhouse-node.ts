import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Secrets } from '@provehouse/secrets';
import { z } from 'zod';
import type { Capabilities, ClickHouseNode } from './deployment.ts';

/** Thrown when a node answers otherwise than it must. */
export class ClickHouseNodeError extends Error {
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
  const [row] = await ask(node, secrets, 'SELECT displayName() AS name', signal);
  const { name } = z.object({ name: z.string() }).parse(row);
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

/** Code of `UNKNOWN_TABLE`: without coordination there is no `system.zookeeper`. */
const UNKNOWN_TABLE = '60';

/** What a node can do, found by asking it. */
export async function askCapabilities(
  node: ClickHouseNode,
  secrets: Secrets,
): Promise<Capabilities> {
  const coordination = await ask(
    node,
    secrets,
    "SELECT count() AS nodes FROM system.zookeeper WHERE path = '/'",
  ).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ClickHouseError && error.code === UNKNOWN_TABLE) return false;
      throw error;
    },
  );
  const [row] = await ask(
    node,
    secrets,
    "SELECT count() AS directories FROM system.user_directories WHERE type = 'local directory'",
  );
  const { directories } = z.object({ directories: z.coerce.number() }).parse(row);
  return {
    replication: coordination ? 'keeper' : 'distributed-writes',
    distributedDdl: coordination,
    sqlUsers: directories > 0,
  };
}

/** Makes the database on one node unless it is there. */
export async function createDatabase(
  node: ClickHouseNode,
  secrets: Secrets,
  database: string,
): Promise<void> {
  await ask(node, secrets, `CREATE DATABASE IF NOT EXISTS \`${database}\``);
}

async function ask(
  node: ClickHouseNode,
  secrets: Secrets,
  query: string,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const client = createClient({
    url: `http://${node.host}:${node.httpPort}`,
    username: secrets.super_user_name,
    password: secrets.super_user_password,
    request_timeout: 10_000,
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    if (!query.startsWith('SELECT')) {
      await client.command({ query });
      return [];
    }
    const result = await client.query({
      query,
      format: 'JSONEachRow',
      ...(signal && { abort_signal: signal }),
    });
    return await result.json();
  } finally {
    await client.close();
  }
}
