import { askCoordinator, CoordinationError } from '@provehouse/infra';
import { NoAnswerError, QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { coordinationRows } from '../clickhouse/coordination-rows.ts';
import { pathQuestion } from '../clickhouse/each-path.ts';
import { replicasOf, withoutReplication, type Replica } from '../clickhouse/replicated.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Whether what the replicas rely on is there. */
export const coordination: ClusterCheck = {
  name: 'coordination',
  title: 'Every node has a session, and the ensemble a quorum and one leader',
  proves:
    'Each node reads from coordination, each replica of each table is registered there as active, and every member of the ensemble serves, one of them as the leader. It does not say how long the ensemble outlives the loss of members.',
  scope: 'cluster',
  run: async (context) => {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    return settle(context.contract.replicas.settleSeconds, async () => {
      const [sessions, ensemble] = await Promise.all([
        lookAtSessions(context),
        lookAtEnsemble(context),
      ]);
      return [...sessions, ...ensemble];
    });
  },
};

const ROOT = "SELECT count() AS nodes FROM system.zookeeper WHERE path = '/'";
const IS_ACTIVE = "name = 'is_active'";
const countRow = z.object({ nodes: z.coerce.number() });
const askActive = pathQuestion({ columns: 'count() AS nodes', where: IS_ACTIVE, row: countRow });

async function lookAtSessions(context: ClusterContext): Promise<Finding[]> {
  const { answers, silent } = await askNodes(context.cluster.nodes, async (client) => {
    // A node answers this without coordination as well.
    const replicas = await replicasOf(context, client);
    const session = await judgeSession(client, replicas);
    const registrations = replicas.map((replica) => judgeRegistration(client, replica, session));
    return [session, ...(await Promise.all(registrations))];
  });
  return [...answers.flatMap(({ value }) => value), ...silent];
}

async function judgeSession(client: NodeClient, replicas: readonly Replica[]): Promise<Finding> {
  const about = {
    subject: 'session',
    node: client.node.name,
    expected: 'coordination answers the node',
    sql: [ROOT],
  };
  const lost = {
    ...about,
    status: 'failed',
    reason: `Look whether the coordinators run and ${client.node.name} reaches them.`,
  } as const;
  if (replicas.some(({ is_session_expired }) => is_session_expired === 1)) {
    return { ...lost, observed: 'the session of the node has expired' };
  }
  const found = await said(() => coordinationRows(client, ROOT, countRow).then(([row]) => row));
  return typeof found === 'string'
    ? { ...lost, observed: found }
    : { ...about, status: 'passed', observed: `${found} entries at the top` };
}

async function judgeRegistration(
  client: NodeClient,
  { table, replica_path: path }: Replica,
  session: Finding,
): Promise<Finding> {
  const sql = `SELECT count() AS nodes FROM system.zookeeper
    WHERE path = ${quoteText(path)} AND ${IS_ACTIVE}`;
  const about = {
    subject: `${table}, registration`,
    node: client.node.name,
    expected: `is_active below ${path}`,
    sql: [sql],
  };
  const found =
    session.status === 'failed'
      ? 'unknown without a session'
      : await said(() => askActive(client, path));
  return found === 1
    ? { ...about, status: 'passed', observed: 'active' }
    : {
        ...about,
        status: 'failed',
        observed: typeof found === 'string' ? found : 'not active',
        reason: `The table on ${client.node.name} does not take part in replication.`,
      };
}

/** What coordination answers a node, or what the node says instead. */
async function said(
  ask: () => Promise<z.infer<typeof countRow> | undefined>,
): Promise<number | string> {
  try {
    return (await ask())?.nodes ?? 0;
  } catch (error) {
    const isOfCoordination =
      error instanceof NoAnswerError ||
      (error instanceof QueryError && /^\d+$/.test(error.code ?? ''));
    // Without any answer nothing is known of its session.
    if (!isOfCoordination) throw error;
    return error.message.split('\n')[0] ?? error.message;
  }
}

async function lookAtEnsemble({ deployment }: ClusterContext): Promise<Finding[]> {
  const { coordination: ensemble } = deployment.clickhouse;
  if (ensemble === undefined) {
    return [
      {
        status: 'skipped',
        subject: 'ensemble',
        expected: 'a quorum and one leader',
        observed: 'not asked',
        reason: 'The deployment does not say where the coordinators are (clickhouse.coordination).',
      },
    ];
  }
  const states = await Promise.all(
    ensemble.servers.map(async (server) => {
      const name = server.name ?? `${server.host}:${server.port}`;
      try {
        return { name, role: (await askCoordinator(server)).role };
      } catch (error) {
        if (error instanceof CoordinationError) return { name, fault: error.message };
        throw error;
      }
    }),
  );
  const members = states.map(({ name, role, fault }): Finding => ({
    status: fault === undefined ? 'passed' : 'failed',
    subject: 'member of the ensemble',
    node: name,
    expected: 'it serves',
    observed: fault ?? role ?? '',
    ...(fault !== undefined && { reason: `Start ${name}: one more may be one too many.` }),
  }));
  const leaders = states.filter(({ role }) => role === 'leader' || role === 'standalone');
  return [
    ...members,
    {
      status: leaders.length === 1 ? 'passed' : 'failed',
      subject: 'ensemble',
      expected: 'one leader',
      observed: leaders.map(({ name }) => name).join(', ') || 'none',
      ...(leaders.length !== 1 && { reason: 'Without a leader nothing is written.' }),
    },
  ];
}
