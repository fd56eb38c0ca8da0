import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { quoteText, type NodeClient } from '../clickhouse/cluster.ts';
import { evidence, evidenceRow, EVIDENCE_ROWS, type EvidenceRow } from '../clickhouse/evidence.ts';
import {
  absentReplicas,
  replicasOf,
  replicasSql,
  withoutReplication,
  type Replica,
} from '../clickhouse/replicated.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Whether replicas take part, and keep up. */
export const replicaState: ClusterCheck = {
  name: 'replica-state',
  title: 'Every replica is active, writable, and keeps up',
  proves:
    'Each replica of each table has a session, accepts writes, sees all replicas of its shard as active, has lost no part, and has nothing in its queue that fails again and again. A queue that is being worked off is lag, and no fault.',
  scope: 'cluster',
  run: async (context) => {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    return settle(context.contract.replicas.settleSeconds, () => look(context));
  },
};

async function look(context: ClusterContext): Promise<readonly Finding[]> {
  const { nodes } = context.cluster;
  const { answers, silent } = await askNodes(nodes, async (client) => {
    const replicas = await replicasOf(context, client);
    const queued = replicas.filter(({ queue_size }) => queue_size > 0);
    return {
      replicas,
      queues: new Map(
        await Promise.all(
          queued.map(async ({ table }) => [table, await queueOf(context, client, table)] as const),
        ),
      ),
    };
  });
  const findings = answers.flatMap(({ node, client, value }) => [
    ...value.replicas.map((replica) =>
      judge(
        node,
        replica,
        nodes.filter((other) => other.node.shard === client.node.shard).length,
        value.queues.get(replica.table) ?? [],
        replicasSql(context),
      ),
    ),
    ...absentReplicas(context, node, value.replicas),
  ]);
  return [...findings, ...silent];
}

const queueOf = (
  { deployment }: ClusterContext,
  client: NodeClient,
  table: string,
): Promise<EvidenceRow[]> =>
  client.query(
    `SELECT type, new_part_name, create_time, num_tries, last_exception, num_postponed, postpone_reason
     FROM system.replication_queue
     WHERE database = ${quoteText(deployment.clickhouse.database)} AND table = ${quoteText(table)}
     ORDER BY create_time LIMIT ${EVIDENCE_ROWS}`,
    evidenceRow,
  );

function judge(
  node: string,
  replica: Replica,
  replicas: number,
  queue: readonly EvidenceRow[],
  sql: string,
): Finding {
  const failing = queue.filter(({ last_exception }) => String(last_exception ?? '') !== '');
  const faults = [
    ...(replica.is_readonly === 1 ? ['read-only'] : []),
    ...(replica.is_session_expired === 1 ? ['its session has expired'] : []),
    ...(replica.total_replicas === replicas
      ? []
      : [`${replica.total_replicas} replicas are registered`]),
    ...(replica.active_replicas === replicas ? [] : [`${replica.active_replicas} are active`]),
    ...((replica.lost_part_count ?? 0) > 0 ? [`${replica.lost_part_count} lost parts`] : []),
    ...failing.map(({ type, new_part_name, last_exception }) =>
      `${String(type)} ${String(new_part_name)} fails: ${String(last_exception)}`.slice(0, 200),
    ),
  ];
  const about = {
    subject: replica.table,
    node,
    expected: `writable, with ${replicas} of ${replicas} replicas active and nothing failing in its queue`,
    sql: [sql],
    ...(queue.length > 0 && {
      evidence: [evidence(`Queue of ${replica.table} on ${node}`, queue)],
    }),
  };
  if (faults.length > 0) {
    return {
      ...about,
      status: 'failed',
      observed: faults.join('; '),
      reason: `Look whether ${node} reaches coordination and its peers; its log says more.`,
    };
  }
  return {
    ...about,
    status: 'passed',
    observed:
      replica.queue_size === 0
        ? `${replica.active_replicas} active, queue empty`
        : `${replica.active_replicas} active, ${replica.queue_size} in the queue, ${replica.absolute_delay} s behind`,
  };
}
