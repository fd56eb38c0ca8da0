import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { evidence } from '../clickhouse/evidence.ts';
import {
  absentReplicas,
  plainTables,
  replicasOf,
  replicasSql,
  withoutReplication,
  type Replica,
} from '../clickhouse/replicated.ts';
import type { Finding } from '../verdict.ts';

/** One replica with the node that it is on. */
interface Placed {
  readonly node: string;
  readonly shard: string;
  readonly macro: string;
  readonly replica: Replica;
}

/** Whether the nodes replicate with those that they should. */
export const replicaPaths: ClusterCheck = {
  name: 'replica-paths',
  title: 'Replicas meet in coordination where the macros say',
  proves:
    'The replicas of a shard have one path in coordination and those of different shards have different ones, each replica is registered under its macro, and each shard has a replica that decides on merges. Wrong macros would mix shards, or part replicas.',
  scope: 'cluster',
  async run(context) {
    const skipped = withoutReplication(context);
    if (skipped !== undefined) return [skipped];
    const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
      replicasOf(context, client),
    );
    const placed = answers.flatMap(({ node, client, value }) =>
      value.map((replica) => ({
        ...{ node, replica },
        ...{ shard: client.node.shard, macro: client.node.replica },
      })),
    );
    const absent = answers.flatMap(({ node, value }) => absentReplicas(context, node, value));
    const tables = Map.groupBy(placed, ({ replica }) => replica.table);
    return [
      ...[...tables].flatMap(([table, replicas]) => judge(context, table, replicas)),
      ...absent,
      ...plainTables(
        context,
        placed.map(({ replica }) => replica),
      ),
      ...silent,
    ];
  },
};

function judge(context: ClusterContext, table: string, placed: readonly Placed[]): Finding[] {
  const shown = evidence(
    `Replicas of ${table}`,
    placed.map(({ node, shard, macro, replica }) => ({
      ...{ node, shard, 'replica macro': macro, 'replica name': replica.replica_name },
      ...{ path: replica.zookeeper_path, 'decides on merges': replica.is_leader },
    })),
  );
  const about = { evidence: [shown], sql: [replicasSql(context)] };
  const names = placed.map(({ node, macro, replica }): Finding => {
    const right = replica.replica_name === macro;
    return {
      ...about,
      status: right ? 'passed' : 'failed',
      subject: `${table}, replica name`,
      node,
      expected: `the replica macro, ${macro}`,
      observed: replica.replica_name,
      ...(!right && { reason: `Correct the macros of ${node}, and make the table there again.` }),
    };
  });
  const shards = [...Map.groupBy(placed, ({ shard }) => shard)];
  const paths = shards.map(([shard, replicas]): Finding => {
    const own = new Set(replicas.map(({ replica }) => replica.zookeeper_path));
    const others = placed.filter(
      (other) => other.shard !== shard && own.has(other.replica.zookeeper_path),
    );
    const right = own.size === 1 && others.length === 0;
    return {
      ...about,
      status: right ? 'passed' : 'failed',
      subject: `${table}, shard ${shard}`,
      expected: 'one path for its replicas, and for them alone',
      observed: [
        [...own].join(', '),
        ...(others.length > 0 ? [`also on ${others.map(({ node }) => node).join(', ')}`] : []),
      ].join('; '),
      ...(!right && {
        reason: 'Replicas with different paths never meet; shards with one path mix their rows.',
      }),
    };
  });
  const leaders = shards.map(([shard, replicas]): Finding => {
    const count = replicas.filter(({ replica }) => replica.is_leader === 1).length;
    return {
      ...about,
      status: count > 0 ? 'passed' : 'failed',
      subject: `${table}, shard ${shard}, leader`,
      expected: 'a replica that decides on merges, at least',
      observed: String(count),
      ...(count === 0 && { reason: 'Parts are not merged: look whether replicas are read-only.' }),
    };
  });
  return [...names, ...paths, ...leaders];
}
