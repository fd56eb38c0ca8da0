import { z } from 'zod';

const number = z.coerce.number();

const memberSchema = z.object({
  cluster: z.string(),
  shard_num: number,
  replica_num: number,
  host_name: z.string(),
  host_address: z.string(),
  port: number,
  is_local: number,
  /** Servers before 24 do not show it. */
  internal_replication: number.optional(),
});

/** The statement that gives the members of all clusters that a node knows. */
export const MEMBERS_SQL = 'SELECT * FROM system.clusters ORDER BY cluster, shard_num, replica_num';

export const listedMember = memberSchema;

/**
 * A member of some cluster as a node lists it:
 * https://clickhouse.com/docs/operations/system-tables/clusters
 */
export type ListedMember = z.infer<typeof memberSchema>;

/** The place of a member in its cluster, the same on all nodes. */
export const placeKey = ({
  shard_num,
  replica_num,
}: Pick<ListedMember, 'shard_num' | 'replica_num'>): string => `${shard_num}/${replica_num}`;
