import { z } from 'zod';
import { memberSchema } from '../clickhouse/cluster-members.ts';

export const listedMember = memberSchema.extend({ cluster: z.string() });

/**
 * A member of some cluster as a node lists it:
 * https://clickhouse.com/docs/operations/system-tables/clusters
 */
export type ListedMember = z.infer<typeof listedMember>;

/** The place of a member in its cluster, the same on all nodes. */
export const placeKey = ({
  shard_num,
  replica_num,
}: Pick<ListedMember, 'shard_num' | 'replica_num'>): string => `${shard_num}/${replica_num}`;
