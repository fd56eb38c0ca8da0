import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName } from '../clickhouse/cluster.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import {
  absentReplicas,
  plainTables,
  replicasOf,
  replicasSql,
  withoutReplication,
  type Replica,
} from '../clickhouse/replicated.ts';
import {
  hasMoved,
  positionOf,
  queueOf,
  rewritesParts,
  saidOf,
  shownEntry,
  unreadOf,
  type QueueEntry,
  type QueuePosition,
} from '../clickhouse/replication-queue.ts';
import { isSilent } from '../clickhouse/silent-node.ts';
import { strayAdvice, straysByPath, type StrayReplica } from '../clickhouse/stray-replicas.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Whether replicas take part, and keep up. */
export const replicaState: ClusterCheck = {
  name: 'replica-state',
  title: 'Every replica is active, writable, and keeps up',
  proves:
    'Each replica of each table has a session, accepts writes, sees all replicas of its shard as active, has lost no part, and has nothing in its queue that fails again and again. A queue that is being worked off is lag, and no fault; one of which nothing moves within the time that the contract gives replicas to settle is a fault, merges and mutations apart.',
  scope: 'cluster',
  run: async (context) => {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    const firstSeen = new Map<string, QueuePosition>();
    return settle(context.contract.replicas.settleSeconds, () => look(context, firstSeen));
  },
};

/** One replica as a node shows it. */
interface Observed {
  readonly node: string;
  readonly replica: Replica;
  readonly queue: readonly QueueEntry[];
  /** How many replicas its shard has. */
  readonly replicas: number;
  /** How many of them are on nodes that do not answer, which nodes-answer says; they are hardly active. */
  readonly away: number;
  readonly moved: boolean;
  /** Those that are registered and on no node. */
  readonly stray: readonly StrayReplica[];
}

async function look(
  context: ClusterContext,
  firstSeen: Map<string, QueuePosition>,
): Promise<readonly Finding[]> {
  const { nodes } = context.cluster;
  const { answers, silent } = await askNodes(nodes, async (client) => {
    const replicas = await replicasOf(context, client);
    return Promise.all(
      replicas.map(async (replica) => ({
        replica,
        queue:
          replica.queue_size > 0
            ? await queueOf(context.deployment, client, {
                name: replica.table,
                database: replica.database,
              })
            : [],
      })),
    );
  });
  const strays = await straysByPath(context, answers);
  const findings = answers.flatMap(({ node, client, value }) => {
    const shard = nodes.filter((other) => other.node.shard === client.node.shard);
    const [replicas, away] = [shard.length, shard.filter(isSilent).length];
    const judged = value.map(({ replica, queue }) => {
      const key = `${node} ${replica.table}`;
      const before = firstSeen.get(key) ?? positionOf(replica, queue);
      firstSeen.set(key, before);
      const moved = hasMoved(before, replica, queue);
      const stray = strays.get(replica.zookeeper_path) ?? [];
      return judge(context, { node, replica, queue, replicas, away, moved, stray });
    });
    const found = value.map(({ replica }) => replica);
    return [...judged, ...absentReplicas(context, node, found)];
  });
  const replicas = answers.flatMap(({ value }) => value.map(({ replica }) => replica));
  return [...findings, ...plainTables(context, replicas), ...silent];
}

function judge(
  context: ClusterContext,
  { node, replica, queue, replicas, away, moved, stray }: Observed,
): Finding {
  const unread = unreadOf(replica);
  const faults = [
    ...(replica.is_readonly === 1 ? ['read-only'] : []),
    ...(replica.is_session_expired === 1 ? ['its session has expired'] : []),
    ...registrationFaults(replica, replicas, away),
    ...stray.map(({ name, active }) => `${name} is on no node${active ? ', and active' : ''}`),
    ...((replica.lost_part_count ?? 0) > 0 ? [`${replica.lost_part_count} lost parts`] : []),
    ...queue
      .filter(({ last_exception }) => last_exception !== '')
      .map(({ type, new_part_name, last_exception }) =>
        `${type} ${new_part_name} fails: ${saidOf(last_exception)}`.slice(0, 200),
      ),
    ...(moved ? [] : stillness(queue, unread)),
  ];
  const about = {
    subject: replica.table,
    node,
    expected: `writable, with ${replicas} of ${replicas} replicas active and nothing failing or stuck in its queue`,
    sql: [replicasSql(context)],
    evidence: [
      ...(queue.length > 0
        ? [
            evidence(
              `Queue of ${replica.table} on ${node}`,
              queue.slice(0, EVIDENCE_ROWS).map(shownEntry),
            ),
          ]
        : []),
      evidence(`system.replicas of ${replica.table} on ${node}`, [shownReplica(replica)]),
    ],
  };
  if (faults.length > 0) {
    return {
      ...about,
      status: 'failed',
      observed: faults.join('; '),
      reason:
        stray.length === 0
          ? `Look whether ${node} reaches coordination and its peers, and whether fetches or queues were stopped (SYSTEM START FETCHES, REPLICATION QUEUES, PULLING REPLICATION LOG); its log says more.`
          : strayAdvice(tableName(context.deployment, replica.table), replica, stray),
    };
  }
  const waiting = replica.queue_size + unread;
  return {
    ...about,
    status: 'passed',
    observed:
      waiting === 0
        ? `${replica.active_replicas} active, queue empty`
        : `${replica.active_replicas} active, ${waiting} in the queue, ${replica.absolute_delay} s behind`,
  };
}

/** What of a replica says that it takes part. */
const shownReplica = (replica: Replica): Record<string, string | number> => ({
  zookeeper_path: replica.zookeeper_path,
  replica_name: replica.replica_name,
  is_readonly: replica.is_readonly,
  total_replicas: replica.total_replicas,
  active_replicas: replica.active_replicas,
  queue_size: replica.queue_size,
  absolute_delay: replica.absolute_delay,
  log_pointer: replica.log_pointer,
  log_max_index: replica.log_max_index,
});

/** What is wrong with who is registered; without coordination nothing is known of it. */
function registrationFaults(replica: Replica, replicas: number, away: number): string[] {
  const {
    zookeeper_exception: unknown = '',
    total_replicas: total,
    active_replicas: active,
  } = replica;
  if (unknown !== '') return [`unknown to coordination: ${saidOf(unknown)}`.slice(0, 200)];
  return [
    ...(total === replicas ? [] : [`${total} replicas are registered`]),
    ...(active <= replicas && active >= replicas - away ? [] : [`${active} are active`]),
  ];
}

/** What waits although it would bring rows, or take them away. */
function stillness(queue: readonly QueueEntry[], unread: number): string[] {
  const waiting = queue.filter((entry) => !rewritesParts(entry));
  const [first] = waiting;
  return [
    ...(first === undefined
      ? []
      : [
          `${waiting.length} wait in its queue and none is executed: ${first.type} ${first.new_part_name} ${saidOf(first.postpone_reason)}`.trim(),
        ]),
    ...(unread === 0 ? [] : [`${unread} entries of the log are not read`]),
  ];
}
