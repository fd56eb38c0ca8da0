import { z } from 'zod';
import type { ClusterCheck } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { membersOf, membersSql, type Member } from '../clickhouse/cluster-members.ts';
import {
  membershipDifferences,
  placeOf,
  type Difference,
} from '../clickhouse/cluster-membership.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

const clusterRow = z.object({ cluster: z.string() });

export const clusterTopology: ClusterCheck = {
  name: 'cluster-topology',
  title: 'Every node knows the cluster as it is',
  scope: 'cluster',
  independentOfRun: true,
  proves:
    'On every node system.clusters has exactly the shards and replicas of the deployment, at their ' +
    'addresses, and all nodes give each shard the same weight. It does not prove that they reach ' +
    'each other. A host called by its node name may have another port there than from outside.',
  async run({ deployment: { clickhouse }, cluster }) {
    const sql = membersSql(clickhouse.cluster);
    const { answers, silent } = await askNodes(cluster.nodes, async (client) => {
      const members = await membersOf(client, clickhouse.cluster);
      return { members, clusters: members.length > 0 ? [] : await clustersOf(client) };
    });
    const lists = answers.map(({ node, value }) => ({ node, members: value.members }));
    const membership = membershipDifferences(clickhouse.nodes, lists);
    const addresses = answers.map(({ node, value: { members, clusters } }): Finding => {
      const differences = [
        ...(membership.get(node) ?? []),
        ...replicationMode(clickhouse.internalReplication, members),
      ];
      return {
        status: differences.length === 0 ? 'passed' : 'failed',
        node,
        expected: `${clickhouse.nodes.length} members of ${clickhouse.cluster} where the deployment has them`,
        observed:
          members.length === 0
            ? `there is no cluster ${clickhouse.cluster}; there ${clusters.length === 1 ? 'is' : 'are'} ${clusters.join(', ') || 'none'}`
            : differences.length === 0
              ? `${members.length} members, each in its place`
              : differences.map((d) => `${d.member}: ${d.observed}, not ${d.expected}`).join('; '),
        ...(differences.length > 0 && {
          reason: `Correct remote_servers on ${node}, or clickhouse.cluster and the nodes in the deployment: queries and inserts through the cluster go astray.`,
        }),
        evidence: [
          ...(differences.length > 0 ? [evidence('Differences', differences)] : []),
          evidence('system.clusters', members.map(shown)),
        ],
        sql: [sql],
      };
    });
    const weighed = answers.map(({ value, ...answer }) => ({ ...answer, value: value.members }));
    return [...addresses, ...weights(weighed, sql), ...silent];
  },
};

/** Names of the clusters that a node knows. @throws QueryError */
async function clustersOf(client: NodeClient): Promise<string[]> {
  const sql = 'SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster';
  return (await client.query(sql, clusterRow)).map(({ cluster }) => cluster);
}

/** With the wrong mode every row arrives twice, or on one replica only. */
function replicationMode(expected: boolean, members: readonly Member[]): Difference[] {
  return members
    .filter((m) => m.internal_replication !== undefined && !!m.internal_replication !== expected)
    .map((m) => ({
      member: placeOf(m),
      expected: `internal_replication ${expected}`,
      observed: `internal_replication ${!expected}`,
    }));
}

/** The deployment has no weights, so the nodes are held against each other. */
function weights(answers: readonly Answer<Member[]>[], sql: string): Finding[] {
  const rows = answers.map(({ node, value }) => {
    const shards = new Map(value.map((m) => [m.shard_num, m.shard_weight]));
    return {
      node,
      weights: [...shards].map(([shard, weight]) => `${shard}: ${weight}`).join(', '),
    };
  });
  const distinct = new Set(rows.map((row) => row.weights));
  if (rows.length === 0) return [];
  const agree = distinct.size === 1;
  return [
    {
      status: agree ? 'passed' : 'failed',
      subject: 'shard weights',
      expected: 'the same weights on every node',
      observed: agree
        ? [...distinct].join()
        : rows.map((row) => `${row.node} has ${row.weights}`).join('; '),
      ...(!agree && {
        reason: 'Correct the weights in remote_servers: a row goes to another shard by each node.',
      }),
      evidence: [evidence('Weights by node', rows)],
      sql: [sql],
    },
  ];
}

const shown = (m: Member): Record<string, string | number> => ({
  shard: m.shard_num,
  replica: m.replica_num,
  weight: m.shard_weight,
  host: m.host_name,
  address: m.host_address,
  port: m.port,
});
