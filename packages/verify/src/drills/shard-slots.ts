import { ProvehouseError } from '@provehouse/secrets';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { ownShard, shardWeights } from '../clickhouse/shard-weights.ts';

/** The remainders of a sharding expression by `total` that belong to a node's shard: `first` … `end` − 1. */
export interface ShardSlots {
  readonly first: number;
  readonly end: number;
  readonly total: number;
}

/** Thrown for a node that does not know its own shard, so that nothing can be said of its rows. */
export class UnknownShardError extends ProvehouseError {
  override readonly name = 'UnknownShardError';
}

/**
 * What belongs to a node by the weights that it knows.
 * @throws QueryError
 * @throws UnknownShardError
 */
export async function slotsOf(client: NodeClient, cluster: string): Promise<ShardSlots> {
  const weights = await shardWeights(client, cluster);
  const own = ownShard(weights, client.node);
  const total = weights.at(-1)?.end ?? 0;
  if (own === undefined || total === 0) {
    throw new UnknownShardError(
      `Expected shard ${client.node.shard} of ${cluster} in system.clusters on ${client.node.name}, found ${weights.map(({ number, weight }) => `${number} of weight ${weight}`).join(', ') || 'none'}. Run the check cluster-topology.`,
    );
  }
  return { first: own.first, end: own.end, total };
}

/** Whether an expression's value belongs to the slots, as a condition. */
export const belongsHere = (expression: string, { first, end, total }: ShardSlots): string =>
  `(${expression} % ${total} >= ${first} AND ${expression} % ${total} < ${end})`;
