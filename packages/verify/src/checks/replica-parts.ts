import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { evidence, EVIDENCE_ROWS } from '../clickhouse/evidence.ts';
import { unmatchedParts } from '../clickhouse/registered-parts.ts';
import {
  activeParts,
  afterRewrites,
  partDifferences,
  type Part,
} from '../clickhouse/replica-parts.ts';
import { replicasOf, withoutReplication } from '../clickhouse/replicated.ts';
import { queueOf, saidOf, type QueueEntry } from '../clickhouse/replication-queue.ts';
import { shardsOf, withoutPeer, type Shard } from '../clickhouse/shards.ts';
import { stillness } from '../clickhouse/stillness.ts';
import { localTables, type LocalTable } from '../contract/contract.ts';
import { settle } from '../settle.ts';
import type { Finding } from '../verdict.ts';

/** Whether replicas have the same files. */
export const replicaParts: ClusterCheck = {
  name: 'replica-parts',
  title: 'Replicas of a shard have the same parts',
  proves:
    'The active parts of the replicas of a shard are the same by name, rows and checksum of their files (on servers that do not show checksums, by the hashes of their rows), at once or within the time that the contract gives replicas to settle; a merge or mutation that one of them is still executing is no difference. Coordination knows each active part of each replica, and no other.',
  scope: 'cluster',
  run: async (context) => {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    const look = async () => {
      const looks = localTables(context.contract).flatMap((table) =>
        shardsOf(context.cluster).map((shard) => {
          const alone = withoutPeer(shard, table.name);
          return alone ? [alone] : comparePeers(context, shard, table);
        }),
      );
      const findings = await Promise.all([...looks, compareWithCoordination(context)]);
      return findings.flat();
    };
    // A merge that waits only warns, and is mostly done a moment later.
    return settle(context.contract.replicas.settleSeconds, look, {
      unsettled: ['failed', 'warned'],
      stillness: stillness(context),
    });
  },
};

interface Found {
  readonly sql: string;
  readonly parts: readonly Part[];
  readonly queue: readonly QueueEntry[];
}

async function comparePeers(
  { deployment }: ClusterContext,
  { name: shard, replicas }: Shard,
  table: LocalTable,
): Promise<Finding[]> {
  const { answers, silent } = await askNodes(replicas, async (client): Promise<Found> => {
    // Before the parts: what is done meanwhile is no longer waited for.
    const queue = await queueOf(deployment, client, table);
    return { queue, ...(await activeParts(deployment, client, table)) };
  });
  const [first, ...others] = answers;
  if (first === undefined || others.length === 0) return [...silent];
  const findings = others.map((other) => ({
    subject: `${table.name}, shard ${shard}`,
    node: other.node,
    expected: `the parts of ${first.node}`,
    sql: [other.value.sql],
    ...judge(first, other),
  }));
  return [...findings, ...silent];
}

type Judgement = Pick<Finding, 'status' | 'observed' | 'reason' | 'evidence'>;

function judge(first: Answer<Found>, other: Answer<Found>): Judgement {
  const [left, right] = [first.value, other.value];
  const different = partDifferences(left.parts, right.parts, first.node, other.node);
  if (different.length === 0) {
    return { status: 'passed', observed: `the same ${right.parts.length} parts` };
  }
  const differing = [evidence('Parts that differ', different.slice(0, EVIDENCE_ROWS))];
  const leftLater = afterRewrites(left.parts, left.queue);
  const rightLater = afterRewrites(right.parts, right.queue);
  const alike = !different.some(({ what }) => what.startsWith('differs'));
  if (alike && sameNames(leftLater.names, rightLater.names)) {
    const pending = [...leftLater.pending, ...rightLater.pending];
    const waiting = pending.filter((entry) => entry.is_currently_executing === 0);
    const [longest] = waiting;
    return {
      status: longest === undefined ? 'passed' : 'warned',
      observed: `the same rows in other parts: ${pending.length} merges or mutations are not done on both, of which ${waiting.length} wait`,
      ...(longest && {
        reason: `${longest.type} ${longest.new_part_name} waits. ${saidOf(longest.postpone_reason)}`,
      }),
      evidence: differing,
    };
  }
  return {
    status: 'failed',
    observed: `${different.length} different: ${different
      .slice(0, 3)
      .map(({ part, what }) => `${part} ${what}`)
      .join(', ')}`,
    reason: 'Look at system.replication_queue of both nodes, and for parts that were detached.',
    evidence: differing,
  };
}

const sameNames = (left: ReadonlySet<string>, right: ReadonlySet<string>): boolean =>
  left.size === right.size && [...left].every((name) => right.has(name));

async function compareWithCoordination(context: ClusterContext): Promise<Finding[]> {
  const { answers, silent } = await askNodes(context.cluster.nodes, async (client) => {
    const replicas = await replicasOf(context, client);
    return Promise.all(
      replicas.map(async (replica) => ({
        table: replica.table,
        ...(await unmatchedParts(client, replica)),
      })),
    );
  });
  const findings = answers.flatMap(({ node, value }) =>
    value.map(({ table, unregistered, missing, sql }): Finding => {
      const parts = [
        ...unregistered.map((part) => ({ part, what: 'unknown to coordination' })),
        ...missing.map((part) => ({ part, what: 'missing on the node' })),
      ];
      return {
        status: parts.length === 0 ? 'passed' : 'failed',
        subject: `${table}, parts in coordination`,
        node,
        expected: 'the parts of the node',
        observed:
          parts
            .slice(0, 3)
            .map(({ part, what }) => `${part} is ${what}`)
            .join(', ') + (parts.length > 3 ? ` and ${parts.length - 3} more` : '') || 'the same',
        sql,
        ...(parts.length > 0 && {
          reason:
            'Parts that coordination does not know are set aside when the replica starts (SYSTEM RESTART REPLICA): see whether their rows were sent again. Those that are missing are fetched from another replica, if one has them.',
          evidence: [evidence(`Parts on ${node}`, parts.slice(0, EVIDENCE_ROWS))],
        }),
      };
    }),
  );
  return [...findings, ...silent];
}
