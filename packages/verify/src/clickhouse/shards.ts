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
