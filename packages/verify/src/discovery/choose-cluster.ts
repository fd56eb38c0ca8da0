import { ProvehouseError } from '@provehouse/secrets';
import type { ListedMember } from './listed-member.ts';

/** Thrown when it is not clear which cluster is meant. */
export class ClusterChoiceError extends ProvehouseError {
  override readonly name = 'ClusterChoiceError';
}

/** What tells which of several clusters is meant. */
export interface ClusterHints {
  /** As it is said on the command line. */
  readonly asked?: string | undefined;
  /** The node's macro `cluster`. */
  readonly macro?: string | undefined;
  /** The clusters that Distributed tables name. */
  readonly named: readonly string[];
}

/** The clusters that a server's own example configuration, or ClickHouse Cloud, brings along. */
const EXAMPLES = /^(?:test_|parallel_replicas$|all_groups\.|_)/;

/**
 * The cluster that is meant among those that a node knows: the one that is asked for, else that of
 * its macro, else the only one that tables name, else the only one that is no example, else the
 * only one with several members.
 * @throws ClusterChoiceError listing the clusters that there are
 */
export function chooseCluster(
  members: readonly ListedMember[],
  { asked, macro, named }: ClusterHints,
): string {
  const clusters = Map.groupBy(members, ({ cluster }) => cluster);
  const known = [...clusters.keys()];
  const list = [...clusters].map(([name, of]) => `  ${name}: ${shapeOf(of)}`).join('\n');
  if (asked !== undefined) {
    if (clusters.has(asked)) return asked;
    throw new ClusterChoiceError(
      `Expected a cluster ${asked} in system.clusters, found ${known.length === 0 ? 'no cluster at all' : `these:\n${list}`}\nName one of them with --cluster.`,
    );
  }
  if (known.length === 0) {
    throw new ClusterChoiceError(
      'Expected a cluster in system.clusters, found none. Checks hold the nodes of a cluster against each other: ' +
        'define one in remote_servers, or ask a node that knows one.',
    );
  }
  if (macro !== undefined && clusters.has(macro)) return macro;
  const own = known.filter((name) => !EXAMPLES.test(name));
  const several = own.filter((name) => (clusters.get(name)?.length ?? 0) > 1);
  const ofTables = own.filter((name) => named.includes(name));
  for (const candidates of [ofTables, own, several]) {
    const [only, ...others] = candidates;
    if (only !== undefined && others.length === 0) return only;
  }
  throw new ClusterChoiceError(
    `Expected one cluster, found these:\n${list}\nName the one that is meant with --cluster.`,
  );
}

function shapeOf(members: readonly ListedMember[]): string {
  const shards = new Set(members.map(({ shard_num }) => shard_num)).size;
  return `${count(shards, 'shard')}, ${count(members.length, 'member')}`;
}

const count = (number: number, word: string): string =>
  `${number} ${word}${number === 1 ? '' : 's'}`;
