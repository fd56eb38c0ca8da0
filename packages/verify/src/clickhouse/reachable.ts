import type { ClickHouseNode, Deployment } from '@provehouse/infra';
import { z } from 'zod';
import { connectNode, QueryError, type Account } from './cluster.ts';

const PROBE_TIMEOUT_MS = 10_000;

/** ClickHouse's code for a login that failed. */
const AUTHENTICATION_FAILED = '516';

/** Thrown when no node of a cluster lets itself be asked, so that there is nothing to verify. */
export class UnreachableClusterError extends Error {
  override readonly name = 'UnreachableClusterError';
}

/**
 * Asks every node something and gives those that do not answer, with the error. What the checks say
 * of a cluster of which some nodes answer is worth reading; of one without any it is not.
 * @throws UnreachableClusterError when no node answers; it says of each one why
 */
export async function askReachable(
  { clickhouse }: Deployment,
  account: Account,
  secretsFile: string,
): Promise<readonly QueryError[]> {
  const outcomes = await Promise.all(clickhouse.nodes.map((node) => probe(node, account)));
  const errors = outcomes.filter((outcome) => outcome !== undefined);
  if (errors.length < clickhouse.nodes.length) return errors;
  const refused = errors.every(({ code }) => code === AUTHENTICATION_FAILED);
  const advice = refused
    ? `The nodes answer, but refuse user ${account.user}: set super_user_name and super_user_password in ${secretsFile}.`
    : 'Look whether the cluster runs, and whether host and httpPort of its nodes in the deployment are right.';
  throw new UnreachableClusterError(
    [
      `No node of cluster ${clickhouse.cluster} can be asked. ${advice}`,
      ...errors.map(({ message }) => `  ${firstLine(message)}`),
    ].join('\n'),
    { cause: errors[0] },
  );
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

async function probe(node: ClickHouseNode, account: Account): Promise<QueryError | undefined> {
  const client = connectNode(node, account, PROBE_TIMEOUT_MS);
  try {
    await client.query('SELECT 1 AS one', z.object({ one: z.literal(1) }));
    return undefined;
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  } finally {
    await client.close();
  }
}
