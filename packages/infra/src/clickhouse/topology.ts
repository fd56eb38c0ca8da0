import { ProvehouseError } from '@provehouse/secrets';

/** One ClickHouse node as the topology names it; `shard` and `replica` are its macros, two digits. */
export interface TopologyNode {
  readonly name: string;
  readonly shard: string;
  readonly replica: string;
}

/** Shards × replicas as named nodes of one cluster. Pure data: no address, no process. */
export interface Topology {
  readonly cluster: string;
  readonly database: string;
  readonly shards: number;
  readonly replicas: number;
  readonly nodes: readonly TopologyNode[];
}

/** Thrown for a topology that cannot be built. */
export class TopologyError extends ProvehouseError {
  override readonly name = 'TopologyError';
}

const LARGEST = 16;

function assertCount(what: string, count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > LARGEST) {
    throw new TopologyError(
      `${what}: expected a whole number from 1 to ${LARGEST}, found ${count}. Set --${what} accordingly.`,
    );
  }
}

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/**
 * The topology of `shards` × `replicas` nodes. Nodes are numbered replica by replica, so that of
 * 2 × 2 nodes the first two hold the first replica of each shard.
 * @throws TopologyError for a count that is not a whole number from 1 to 16
 */
export function createTopology({
  cluster = 'dwh_test',
  database = 'otus_default',
  shards = 2,
  replicas = 2,
}: Partial<Pick<Topology, 'cluster' | 'database' | 'shards' | 'replicas'>> = {}): Topology {
  assertCount('shards', shards);
  assertCount('replicas', replicas);
  const nodes = Array.from({ length: shards * replicas }, (_, index) => ({
    name: `clickhouse-${twoDigits(index + 1)}`,
    shard: twoDigits((index % shards) + 1),
    replica: twoDigits(Math.floor(index / shards) + 1),
  }));
  return { cluster, database, shards, replicas, nodes };
}
