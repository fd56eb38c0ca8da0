import { z } from 'zod';
import { addressInside, type ClickHouseNode } from '@provehouse/infra';
import type { ClusterCheck } from '../check.ts';
import { askNodes, type Answer } from '../clickhouse/ask-nodes.ts';
import { quoteText } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import type { Finding } from '../verdict.ts';

const number = z.coerce.number();

/** A row of `system.clusters`: https://clickhouse.com/docs/operations/system-tables/clusters */
const memberSchema = z.object({
  shard_num: number,
  shard_weight: number,
  replica_num: number,
  host_name: z.string(),
  host_address: z.string(),
  port: number,
  /** Servers before 24 do not show it. */
  internal_replication: number.optional(),
});
type Member = z.infer<typeof memberSchema>;

interface Difference extends Record<string, string> {
  readonly member: string;
  readonly expected: string;
  readonly observed: string;
}

export const clusterTopology: ClusterCheck = {
  name: 'cluster-topology',
  title: 'Every node knows the cluster as it is',
  scope: 'cluster',
  proves:
    'On every node system.clusters has exactly the shards and replicas of the deployment, at their ' +
    'addresses, and all nodes give each shard the same weight. It does not prove that they reach ' +
    'each other. A host called by its node name may have another port there than from outside.',
  async run({ deployment: { clickhouse }, cluster }) {
    const sql = `SELECT * FROM system.clusters WHERE cluster = ${quoteText(clickhouse.cluster)} ORDER BY shard_num, replica_num`;
    const { answers, silent } = await askNodes(cluster.nodes, (client) =>
      client.query(sql, memberSchema),
    );
    const addresses = answers.map(({ node, value }): Finding => {
      const differences = [
        ...membership(clickhouse.nodes, value),
        ...replicationMode(clickhouse.internalReplication, value),
      ];
      return {
        status: differences.length === 0 ? 'passed' : 'failed',
        node,
        expected: `${clickhouse.nodes.length} members of ${clickhouse.cluster} where the deployment has them`,
        observed:
          differences.length === 0
            ? `${value.length} members, each in its place`
            : differences.map((d) => `${d.member}: ${d.observed}, not ${d.expected}`).join('; '),
        ...(differences.length > 0 && {
          reason: `Correct remote_servers on ${node}: queries and inserts through it go astray.`,
        }),
        evidence: [
          ...(differences.length > 0 ? [evidence('Differences', differences)] : []),
          evidence('system.clusters', value.map(shown)),
        ],
        sql: [sql],
      };
    });
    return [...addresses, ...weights(answers, sql), ...silent];
  },
};

const place = (shard: number, replica: number): string => `shard ${shard} replica ${replica}`;
const addressOf = ({ host_name, port }: Member): string => `${host_name}:${port}`;

/** A server may call a node by its address or, in a network of its own, by its name. */
function isNode(member: Member, node: ClickHouseNode): boolean {
  const { host, nativePort } = addressInside(node);
  const isThere =
    [member.host_name, member.host_address].includes(host) && member.port === nativePort;
  return isThere || (node.inside === undefined && member.host_name === node.name);
}

function membership(nodes: readonly ClickHouseNode[], members: readonly Member[]): Difference[] {
  const expected = new Map(
    nodes.map((node) => [place(Number(node.shard), Number(node.replica)), node]),
  );
  const observed = Map.groupBy(members, (m) => place(m.shard_num, m.replica_num));
  const missing = [...expected].flatMap(([member, node]): Difference[] => {
    const found = observed.get(member) ?? [];
    if (found.length === 1 && found.every((one) => isNode(one, node))) return [];
    return [
      {
        member,
        expected: `${node.name} (${addressInside(node).host}:${addressInside(node).nativePort})`,
        observed: found.map(addressOf).join(', ') || 'nobody',
      },
    ];
  });
  const surplus = [...observed]
    .filter(([member]) => !expected.has(member))
    .map(([member, found]) => ({
      member,
      expected: 'nobody',
      observed: found.map(addressOf).join(', '),
    }));
  return [...missing, ...surplus];
}

/** With the wrong mode every row arrives twice, or on one replica only. */
function replicationMode(expected: boolean, members: readonly Member[]): Difference[] {
  return members
    .filter((m) => m.internal_replication !== undefined && !!m.internal_replication !== expected)
    .map((m) => ({
      member: place(m.shard_num, m.replica_num),
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
