import type { Deployment } from '@provehouse/infra';

/**
 * What a client asks for when it inserts: that a quorum of a shard's replicas has the rows before the
 * insert is acknowledged (`insert_quorum`), or that one replica has them, which is ClickHouse's default.
 */
export const GUARANTEES = ['quorum', 'single'] as const;

export type Guarantee = (typeof GUARANTEES)[number];

/** Replicas that must have the rows of an insert with a quorum: most of those of the smallest shard. */
export function quorumOf({ clickhouse }: Pick<Deployment, 'clickhouse'>): number {
  const { nodes } = clickhouse;
  const replicas = nodes.map(({ shard }) => nodes.filter((node) => node.shard === shard).length);
  return Math.floor(Math.min(...replicas) / 2) + 1;
}

/** How many replicas of each shard have the rows of an insert that is acknowledged. */
export const replicasThatHave = (
  guarantee: Guarantee,
  deployment: Pick<Deployment, 'clickhouse'>,
): number => (guarantee === 'quorum' ? quorumOf(deployment) : 1);
