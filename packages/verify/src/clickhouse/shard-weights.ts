import type { ClickHouseNode } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { onceInCheck } from './running-check.ts';

/** A shard as `system.clusters` has it. */
export interface ShardWeight {
  /** Its number from 1 on. */
  readonly number: number;
  /** How much of the data it takes, in relation to the others. */
  readonly weight: number;
  /**
   * The remainders that are its own: `first` ≤ sharding expression modulo the sum of all weights <
   * `end`, as the Distributed engine's documentation describes.
   */
  readonly first: number;
  readonly end: number;
  /** Whether the node that was asked finds itself in it. */
  readonly local: boolean;
}

const weightRow = z.object({
  number: z.coerce.number(),
  weight: z.coerce.number(),
  local: z.coerce.number().transform(Boolean),
});

/** The shards of a cluster as one node knows them, in order. @throws QueryError */
export async function shardWeights(client: NodeClient, cluster: string): Promise<ShardWeight[]> {
  const sql = `SELECT shard_num AS number, any(shard_weight) AS weight, max(is_local) AS local FROM system.clusters
     WHERE cluster = ${quoteText(cluster)} GROUP BY shard_num ORDER BY shard_num`;
  const rows = await onceInCheck(client, sql, () => client.query(sql, weightRow));
  let end = 0;
  return rows.map(({ number, weight, local }) => {
    const first = end;
    end += weight;
    return { number, weight, first, end, local };
  });
}

/**
 * The shard that a node belongs to: where it finds itself, whatever its macro says; behind another
 * address than its own, where no node finds itself, the shard whose number is the macro.
 */
export function ownShard(
  weights: readonly ShardWeight[],
  { shard }: Pick<ClickHouseNode, 'shard'>,
): ShardWeight | undefined {
  const [own, ...others] = weights.filter(({ local }) => local);
  if (own !== undefined && others.length === 0) return own;
  return weights.find(({ number }) => number === Number(shard));
}
