import type { Finding } from '../verdict.ts';
import type { Cluster, NodeClient } from './cluster.ts';

/** The nodes that hold the same rows. */
export interface Shard {
  /** The shard's macro, such as `01`. */
  readonly name: string;
  readonly replicas: readonly NodeClient[];
}

/** The shards of a cluster in their order. */
export function shardsOf({ nodes }: Cluster): Shard[] {
  const byName = Map.groupBy(nodes, ({ node }) => node.shard);
  return [...byName]
    .map(([name, replicas]) => ({ name, replicas }))
    .sort((left, right) => left.name.localeCompare(right.name));
}

/** The finding instead of a comparison of a table's replicas, where a shard has one. */
export const withoutPeer = ({ name, replicas }: Shard, table: string): Finding | undefined =>
  replicas.length > 1
    ? undefined
    : {
        status: 'skipped',
        subject: `${table}, shard ${name}`,
        expected: 'the same on each replica',
        observed: 'one replica',
        reason: 'There is no other replica to compare with.',
      };
