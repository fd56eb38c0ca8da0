import { z } from 'zod';
import { quoteText, type NodeClient } from './cluster.ts';

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
}

const weightRow = z.object({ number: z.coerce.number(), weight: z.coerce.number() });

/** The shards of a cluster as one node knows them, in order. @throws QueryError */
export async function shardWeights(client: NodeClient, cluster: string): Promise<ShardWeight[]> {
  const rows = await client.query(
    `SELECT shard_num AS number, any(shard_weight) AS weight FROM system.clusters
     WHERE cluster = ${quoteText(cluster)} GROUP BY shard_num ORDER BY shard_num`,
    weightRow,
  );
  let end = 0;
  return rows.map(({ number, weight }) => {
    const first = end;
    end += weight;
    return { number, weight, first, end };
  });
}
