import type { ClickHouseNode, Deployment } from '@provehouse/infra';
import { connectNode, QueryError, type Account } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { connectCluster } from './connect-cluster.ts';
import type { Cluster } from './cluster.ts';
import { ANSWER_WITHIN_MS, type SilentNodeError } from './silent-node.ts';
import type { Settings } from './settings.ts';
import { watchCluster, type Probe } from './watch-cluster.ts';

/** ClickHouse's code for a login that failed. */
const AUTHENTICATION_FAILED = '516';

/** Thrown when no node of a cluster lets itself be asked, so that there is nothing to verify. */
export class UnreachableClusterError extends ProvehouseError {
  override readonly name = 'UnreachableClusterError';
}

/**
 * Clients for all nodes of a deployment, each of which was asked something. Those that do not answer,
 * now or later, are left out of what follows. Close them after use.
 * @param onSilent called with each of those as soon as it is known
 * @throws UnreachableClusterError when no node answers; it says of each one why
 */
export async function reachCluster(
  deployment: Deployment,
  account: Account,
  secretsFile: string,
  onSilent: (error: SilentNodeError) => void,
  limits: Settings = {},
): Promise<Cluster> {
  const probe = probeAs(account);
  const errors = await probeAll(deployment, probe);
  if (errors.size === deployment.clickhouse.nodes.length) {
    throw unreachable(deployment, [...errors.values()], account, secretsFile);
  }
  return watchCluster(connectCluster(deployment, account, limits), probe, errors, onSilent);
}

/** The same of a cluster of which it is said elsewhere that no node answers. */
export async function reachAnyOf(
  deployment: Deployment,
  account: Account,
  onSilent: (error: SilentNodeError) => void,
): Promise<Cluster> {
  const probe = probeAs(account);
  const errors = await probeAll(deployment, probe);
  return watchCluster(connectCluster(deployment, account), probe, errors, onSilent);
}

const probeAs =
  (account: Account): Probe =>
  (node) =>
    probeNode(node, account);

/** The errors of the nodes that do not answer, by name. */
async function probeAll(
  { clickhouse }: Deployment,
  probe: Probe,
): Promise<ReadonlyMap<string, QueryError>> {
  const outcomes = await Promise.all(
    clickhouse.nodes.map(async (node) => [node.name, await probe(node)] as const),
  );
  return new Map(
    outcomes.flatMap(([name, error]) => (error === undefined ? [] : [[name, error] as const])),
  );
}

function unreachable(
  { clickhouse }: Deployment,
  errors: readonly QueryError[],
  account: Account,
  secretsFile: string,
): UnreachableClusterError {
  const refused = errors.every(({ code }) => code === AUTHENTICATION_FAILED);
  const advice = refused
    ? `The nodes answer, but refuse user ${account.user}: set super_user_name and super_user_password in ${secretsFile}.`
    : 'Look whether the cluster runs, and whether host and httpPort of its nodes in the deployment are right.';
  return new UnreachableClusterError(
    [
      `No node of cluster ${clickhouse.cluster} can be asked. ${advice}`,
      ...errors.map(({ message }) => `  ${firstLine(message)}`),
    ].join('\n'),
    { cause: errors[0] },
  );
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** Asks a node something: the error when it does not answer, or not within the time. */
async function probeNode(node: ClickHouseNode, account: Account): Promise<QueryError | undefined> {
  const client = connectNode(node, account, ANSWER_WITHIN_MS);
  try {
    await client.query('SELECT 1 AS one', z.object({ one: z.literal(1) }), ANSWER_WITHIN_MS);
    return undefined;
  } catch (error) {
    if (error instanceof QueryError) return error;
    throw error;
  } finally {
    await client.close();
  }
}
