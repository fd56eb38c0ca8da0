import { z } from 'zod';
import type { ClusterCheck, ClusterContext } from '../check.ts';
import { askNodes } from '../clickhouse/ask-nodes.ts';
import { tableName } from '../clickhouse/cluster.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { shardWeights } from '../clickhouse/shard-weights.ts';
import { shardsOf } from '../clickhouse/shards.ts';
import { distributedTables, type DistributedTable, type LocalTable } from '../contract/contract.ts';
import { chiSquareTest } from '../statistics/chi-square.ts';
import type { Finding, Status } from '../verdict.ts';

const countRow = z.object({ rows: z.coerce.number() });

/** Whether the rows are spread over the shards as their weights say. */
export const spread: ClusterCheck = {
  name: 'spread',
  title: 'Rows are spread over the shards by their weights',
  proves:
    'The sharding key spreads the rows so that chance alone explains the differences (chi-square test against the weights, thresholds from the contract). It does not say that each row is on its own shard: that is placement.',
  scope: 'cluster',
  run: async (context) => {
    const tables = distributedTables(context.contract);
    return (
      await Promise.all(tables.map(({ table, local }) => judge(context, table, local)))
    ).flat();
  },
};

async function judge(
  { cluster, deployment }: ClusterContext,
  table: DistributedTable,
  local: LocalTable,
): Promise<readonly Finding[]> {
  const { warnBelow, failBelow, fromRows } = table.spread;
  const sql = `SELECT count() AS rows FROM ${tableName(deployment, local.name)}`;
  const shards = shardsOf(cluster);
  const first = shards.flatMap(({ replicas }) => replicas.slice(0, 1));
  const { answers, silent } = await askNodes(first, async (client) => ({
    rows: (await client.query(sql, countRow))[0]?.rows ?? 0,
    weights: await shardWeights(client, deployment.clickhouse.cluster),
  }));
  // Without each shard's count there is no spread to judge.
  if (silent.length > 0) return silent;
  const counts = answers.map(({ value }) => value.rows);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const weights = shards.map(
    ({ name }) =>
      answers[0]?.value.weights.find(({ number }) => number === Number(name))?.weight ?? 0,
  );
  const about = {
    subject: table.name,
    expected: `a spread with p ≥ ${warnBelow} over ${shards.length} shards of weights ${weights.join(' : ')}`,
    sql: [sql],
  };
  const shown = counts.join(' : ');
  const skipped = (reason: string): Finding[] => [
    { ...about, status: 'skipped', observed: `${shown} rows`, reason },
  ];
  if (shards.length < 2) return skipped('There is only one shard: nothing is spread.');
  if (rows < fromRows) {
    return skipped(`Fewer than ${fromRows} rows say nothing about the spread.`);
  }
  if (weights.every((weight) => weight === 0)) {
    const reason = 'Correct what the verdict of cluster-topology shows.';
    return [{ ...about, status: 'inconclusive', observed: 'no shard has a weight', reason }];
  }
  const { statistic, degreesOfFreedom, pValue } = chiSquareTest(counts, weights);
  const status: Status = pValue < failBelow ? 'failed' : pValue < warnBelow ? 'warned' : 'passed';
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return [
    {
      ...about,
      status,
      observed: `${shown} rows: p = ${pValue.toPrecision(3)}, χ² = ${statistic.toPrecision(4)}, ${degreesOfFreedom} degrees of freedom`,
      ...(status !== 'passed' && {
        reason:
          'Chance hardly makes such a spread. Look for a sharding key with few values, and at the verdict of placement.',
      }),
      evidence: [
        evidence(
          'Rows by shard, on the first replica of each',
          shards.map(({ name }, index) => ({
            shard: name,
            node: answers[index]?.node ?? null,
            weight: weights[index] ?? 0,
            expected: Math.round((rows * (weights[index] ?? 0)) / total),
            rows: counts[index] ?? 0,
          })),
        ),
      ],
    },
  ];
}
