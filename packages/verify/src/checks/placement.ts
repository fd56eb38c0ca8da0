import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName, type NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { shardWeights } from '../clickhouse/shard-weights.ts';
import { distributedTables, type DistributedTable, type LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';

const countRow = z.object({ rows: z.coerce.number(), misplaced: z.coerce.number() });
const RANDOM_KEY = /\b(rand\w*|generateUUID\w*|generateULID|now\w*)\s*\(/i;

/** Whether rows are where the sharding expression sends them. */
export const placement: ClusterCheck = {
  name: 'placement',
  title: 'Each row is on the shard that the sharding key names',
  proves:
    'Queries that go only to the shard of a key find its rows, and the same key is never on two shards: the remainder of the sharding expression by the total weight belongs to the shard that holds the row.',
  scope: 'cluster',
  run: async (context) => {
    const tables = distributedTables(context.contract);
    return (
      await Promise.all(tables.map(({ table, local }) => judge(context, table, local)))
    ).flat();
  },
};

async function judge(
  context: ClusterContext,
  { shardingKey }: DistributedTable,
  local: LocalTable,
): Promise<readonly Finding[]> {
  if (RANDOM_KEY.test(shardingKey)) {
    return [
      {
        status: 'skipped',
        subject: local.name,
        expected: 'each row on the shard that the sharding key names',
        observed: `the sharding key is ${shardingKey}`,
        reason: 'The sharding key gives another value each time: no row has a place of its own.',
      },
    ];
  }
  const { answers, silent } = await askNodes(context.cluster.nodes, (client) =>
    judgeNode(context, client, shardingKey, local),
  );
  return [...answers.map(({ value }) => value), ...silent];
}

async function judgeNode(
  { deployment }: ClusterContext,
  client: NodeClient,
  shardingKey: string,
  local: LocalTable,
): Promise<Finding> {
  const { name, shard } = client.node;
  const about = { subject: local.name, node: name } as const;
  const weights = await shardWeights(client, deployment.clickhouse.cluster);
  const own = weights.find(({ number }) => number === Number(shard));
  const total = weights.at(-1)?.end ?? 0;
  const expected = `only rows of shard ${shard}`;
  if (own === undefined || total === 0) {
    return {
      ...about,
      status: 'inconclusive',
      expected,
      observed: `system.clusters on ${name} has no shard ${Number(shard)} with a weight`,
      reason: 'Correct what the verdict of cluster-topology shows.',
    };
  }
  const table = tableName(deployment, local.name);
  const slot = `(${shardingKey}) % ${total}`;
  const elsewhere = `NOT (${slot} >= ${own.first} AND ${slot} < ${own.end})`;
  const [{ rows, misplaced } = { rows: 0, misplaced: 0 }] = await client.query(
    `SELECT count() AS rows, countIf(${elsewhere}) AS misplaced FROM ${table}`,
    countRow,
  );
  const sql = `SELECT *, ${slot} AS slot FROM ${table} WHERE ${elsewhere}`;
  const observed = `${misplaced} of ${rows} rows belong to another shard`;
  if (misplaced === 0) return { ...about, status: 'passed', expected, observed, sql: [sql] };
  return {
    ...about,
    status: 'failed',
    expected,
    observed,
    reason: `They were written past the Distributed table, or under other weights. Insert them again through it.`,
    evidence: [
      await firstRows(
        `Rows on ${name} whose remainder is not ${own.first} … ${own.end - 1}`,
        client,
        sql,
      ),
    ],
    sql: [sql],
  };
}
