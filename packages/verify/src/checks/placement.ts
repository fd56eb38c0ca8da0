import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { firstRows } from '../clickhouse/evidence.ts';
import { qualifiedName } from '../clickhouse/named-table.ts';
import { ownShard, shardWeights } from '../clickhouse/shard-weights.ts';
import { isRandom, shardingKeyOver } from '../clickhouse/sharding-key.ts';
import { judgeSlices, namesOf, slicesOf, type Slice } from '../clickhouse/slices.ts';
import type { DistributedTable, LocalTable } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';
import { eachDistributedTable } from './each-distributed-table.ts';

const countRow = resultRow({ rows: z.coerce.number(), misplaced: z.coerce.number() });
const EXPECTED = 'each row on the shard that the sharding key names';

/** Whether rows are where the sharding expression sends them. */
export const placement: ClusterCheck = {
  name: 'placement',
  critical: true,
  title: 'Each row is on the shard that the sharding key names',
  proves:
    'Queries that go only to the shard of a key find its rows, and the same key is never on two shards: the remainder of the sharding expression by the total weight, taken as the Distributed engine takes it, belongs to the shard that holds the row.',
  scope: 'cluster',
  run: (context) =>
    eachDistributedTable(context.contract, (table, local) => judge(context, table, local)),
};

async function judge(
  context: ClusterContext,
  table: DistributedTable,
  local: LocalTable,
): Promise<readonly Finding[]> {
  const { shardingKey } = table;
  if (shardingKey === undefined || isRandom(shardingKey)) {
    return [
      {
        status: 'skipped',
        subject: local.name,
        expected: EXPECTED,
        observed:
          shardingKey === undefined
            ? 'no sharding key in the contract'
            : `the sharding key is ${shardingKey}`,
        reason:
          shardingKey === undefined
            ? 'The contract states no sharding key, by which a row would have a place of its own.'
            : 'The sharding key gives another value each time: no row has a place of its own.',
      },
    ];
  }
  const { deployment, sampling } = context;
  const { answers, silent } = await askNodes(context.cluster.nodes, async (client) => {
    const slices = await slicesOf(deployment, [client], local, sampling);
    const about = { subject: local.name, node: client.node.name };
    return judgeSlices(slices, sampling, about, async (slice) => [
      await judgeNode(context, client, { ...table, shardingKey }, local, slice),
    ]);
  });
  return [...answers.flatMap(({ value }) => value), ...silent];
}

async function judgeNode(
  { deployment }: ClusterContext,
  client: NodeClient,
  distributed: DistributedTable & { readonly shardingKey: string },
  local: LocalTable,
  slice: Slice,
): Promise<Finding> {
  const { shardingKey } = distributed;
  const { name, shard } = client.node;
  const about = { subject: [local.name, ...namesOf(slice)].join(', '), node: name } as const;
  const [weights, key] = await Promise.all([
    shardWeights(client, deployment.clickhouse.cluster),
    shardingKeyOver(client, deployment, { distributed, local }, shardingKey),
  ]);
  const own = ownShard(weights, client.node);
  const total = weights.at(-1)?.end ?? 0;
  const expected = `only rows of shard ${shard}`;
  if (own === undefined || total === 0) {
    return {
      ...about,
      status: 'inconclusive',
      expected,
      observed: `system.clusters on ${name} has no shard ${shard} with a weight`,
      reason: 'Correct what the verdict of cluster-topology shows.',
    };
  }
  if (key.number === undefined) {
    return {
      ...about,
      status: 'skipped',
      expected: EXPECTED,
      observed: `${shardingKey} is of type ${key.type}`,
      reason:
        'ClickHouse routes rows by whole numbers of at most 64 bits: none can have come through the Distributed table.',
    };
  }
  const whole = qualifiedName(deployment, local);
  const table = slice.where === undefined ? whole : `(SELECT * FROM ${whole} WHERE ${slice.where})`;
  const slot = `${key.number} % ${total}`;
  const elsewhere = `NOT ifNull(${slot} >= ${own.first} AND ${slot} < ${own.end}, 0)`;
  const [{ rows, misplaced } = { rows: 0, misplaced: 0 }] = await client.query(
    `SELECT count() AS ${resultName('rows')}, countIf(${elsewhere}) AS ${resultName('misplaced')} FROM ${table}`,
    countRow,
  );
  const sql = `SELECT *, ${slot} AS ${quoteName('remainder of the key')} FROM ${table} WHERE ${elsewhere}`;
  const observed = `${misplaced} of ${rows} rows belong to another shard`;
  if (misplaced === 0) return { ...about, status: 'passed', expected, observed, sql: [sql] };
  return {
    ...about,
    status: 'failed',
    expected,
    observed,
    reason:
      'They were written past the Distributed table, or under other weights. See whether their own shard has them as well: if not, insert them through it. Delete them here, or they count twice.',
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
