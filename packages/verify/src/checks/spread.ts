import type { ClusterCheck, ClusterContext } from '../check.ts';
import { evidence } from '../clickhouse/evidence.ts';
import { heaviestKeys, type HeavyKey } from '../clickhouse/heaviest-keys.ts';
import { askShardKeys, type ShardKeysAnswer } from '../clickhouse/shard-keys.ts';
import { isRandom } from '../clickhouse/sharding-key.ts';
import { shardsOf } from '../clickhouse/shards.ts';
import { tooLarge } from '../clickhouse/slices.ts';
import type { DistributedTable, LocalTable } from '../contract/contract.ts';
import type { Spread } from '../contract/spread.ts';
import type { Finding } from '../verdict.ts';
import { eachDistributedTable } from './each-distributed-table.ts';
import {
  describeSpread,
  explainUneven,
  judgeSpread,
  percentOf,
  type ShardCounts,
} from './spread-judgement.ts';

/** Keys with less of the rows are no cause of anything. */
const LEAST_SHOWN_PERCENT = 1;

/** Whether keys and rows are spread over the shards as their weights say. */
export const spread: ClusterCheck = {
  name: 'spread',
  title: 'Rows are spread over the shards by their weights',
  proves:
    'The distinct values of the sharding key lie on the shards so that chance alone explains the differences (chi-square test against the weights), and the rows of each shard are as near to its share as the contract says. It does not say that each row is on its own shard: that is placement.',
  scope: 'cluster',
  run: (context) =>
    eachDistributedTable(context.contract, (table, local) => judge(context, table, local)),
};

async function judge(
  context: ClusterContext,
  table: DistributedTable,
  local: LocalTable,
): Promise<readonly Finding[]> {
  const { shardingKey, spread: thresholds } = table;
  if (shardsOf(context.cluster).length < 2) {
    return skip(table, 'one shard', 'There is only one shard: nothing is spread.');
  }
  if (shardingKey === undefined) {
    return skip(table, 'no sharding key', 'The contract states no key by which rows are spread.');
  }
  if (thresholds === undefined) {
    return skip(table, 'no thresholds', 'The contract says nothing about the spread of the table.');
  }
  const { cluster, deployment, sampling } = context;
  const large = await tooLarge(deployment, cluster.nodes, local, sampling);
  if (large !== undefined) return [large];
  const tables = { distributed: table, local };
  const asked = await askShardKeys(context, tables, shardingKey);
  // Without each shard's count there is no spread to judge.
  if (asked.silent.length > 0) return asked.silent;
  const counts = countsOf(asked);
  const shown = `${counts.rows.join(' : ')} rows`;
  if (sum(counts.rows) < thresholds.fromRows) {
    return skip(
      table,
      shown,
      `Fewer than ${thresholds.fromRows} rows say nothing about the spread.`,
    );
  }
  const unroutable = asked.shards.find(({ key }) => key.number === undefined)?.key;
  if (unroutable !== undefined) {
    const reason =
      'ClickHouse routes rows by whole numbers of at most 64 bits, and none by this key.';
    return skip(table, `${shardingKey} is of type ${unroutable.type}`, reason);
  }
  if (sum(counts.weights) === 0) {
    const reason = 'Correct what the verdict of cluster-topology shows.';
    return skip(table, 'no shard has a weight', reason, 'inconclusive');
  }
  return [await judgeCounts(context, { ...table, shardingKey, spread: thresholds }, local, asked)];
}

/** A table whose spread is judged. */
interface SpreadTable extends DistributedTable {
  readonly shardingKey: string;
  readonly spread: Spread;
}

/** A finding about a table of which nothing is judged. */
const skip = (
  { name }: DistributedTable,
  observed: string,
  reason: string,
  status: 'skipped' | 'inconclusive' = 'skipped',
): Finding[] => [
  { status, subject: name, expected: 'keys and rows spread by the weights', observed, reason },
];

const countsOf = ({ shards, oneOf }: ShardKeysAnswer): ShardCounts => ({
  rows: shards.map(({ rows }) => rows),
  keys: shards.map(({ keys }) => keys),
  weights: shards.map(({ weight }) => weight),
  oneOf,
});

async function judgeCounts(
  context: ClusterContext,
  table: SpreadTable,
  local: LocalTable,
  asked: ShardKeysAnswer,
): Promise<Finding> {
  const { shardingKey, spread: thresholds } = table;
  const counts = countsOf(asked);
  const judgement = judgeSpread(counts, thresholds);
  const { status, uneven, fullest, deviations } = judgement;
  const shard = asked.shards[fullest];
  const heavy =
    uneven && shard !== undefined && !isRandom(shardingKey)
      ? (await heaviestKeys(shard.client, context.deployment, local, shard.key)).filter(
          (key) => percentOf(key.rows, counts.rows) >= LEAST_SHOWN_PERCENT,
        )
      : [];
  const byChance = judgement.test === undefined || judgement.test.pValue >= thresholds.warnBelow;
  const reasons = [
    ...(byChance
      ? []
      : [
          'Chance hardly puts keys so. Look at the verdict of placement, and for a sharding expression that gives few remainders.',
        ]),
    ...(uneven && (byChance || heavy.length > 0)
      ? [explainUneven(counts, judgement, thresholds, heavy)]
      : []),
  ];
  const { weights } = counts;
  return {
    status,
    subject: table.name,
    expected: `keys with p ≥ ${thresholds.warnBelow} and rows within ${thresholds.rowDeviationPercent.warn} % of their shares over ${weights.length} shards of weights ${weights.join(' : ')}`,
    observed: describeSpread(counts, judgement),
    ...(reasons.length > 0 && { reason: reasons.join(' ') }),
    evidence: [
      evidence(
        'Rows and distinct keys by shard, on the first replica of each',
        asked.shards.map(({ client: { node }, rows, keys }, index) => ({
          shard: node.shard,
          node: node.name,
          weight: weights[index] ?? 0,
          expected: Math.round((sum(counts.rows) * (weights[index] ?? 0)) / sum(weights)),
          rows,
          'rows off by %': Number((deviations[index] ?? 0).toPrecision(3)),
          keys,
        })),
      ),
      ...(heavy.length > 0 && shard ? [heavyEvidence(shard.client.node.name, counts, heavy)] : []),
    ],
    sql: [...new Set(asked.shards.map(({ sql }) => sql))],
  };
}

const heavyEvidence = (node: string, { rows }: ShardCounts, heavy: readonly HeavyKey[]) =>
  evidence(
    `Heaviest keys on ${node}`,
    heavy.map((key) => ({ key: key.name, rows: key.rows, '% of all': percentOf(key.rows, rows) })),
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
