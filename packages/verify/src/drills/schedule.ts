import { createHash } from 'node:crypto';
import type { Deployment } from '@provehouse/infra';

/** What a drill does to whom and when; a function of its name, the seed and the platform's shape. */
export interface Schedule {
  readonly seed: number;
  /** The node that is hit, another replica of its shard if there is one, and the shard. */
  readonly node: string;
  readonly peer: string | undefined;
  readonly shard: string;
  /** Coordinators in the order in which they are hit. */
  readonly coordinators: readonly string[];
  /** Rows of a batch, and batches before, during and after the fault. */
  readonly batchRows: number;
  readonly before: number;
  readonly during: number;
  readonly after: number;
  /** Moment in the task at which a pipeline is hit, in percent of the task's time without the fault. */
  readonly momentPercent: number;
}

/**
 * The schedule of a drill. Draws are taken from SHA-256 of seed, name and number, so that each is
 * independent of how many others there are.
 */
export function scheduleOf(
  drill: string,
  seed: number,
  { clickhouse }: Pick<Deployment, 'clickhouse'>,
): Schedule {
  const draw = (what: string, from: number, to: number): number => {
    const digest = createHash('sha256').update(`${seed}:${drill}:${what}`).digest();
    return from + Number(digest.readBigUInt64BE() % BigInt(to - from + 1));
  };
  const { nodes, coordination } = clickhouse;
  const node = nodes[draw('node', 0, nodes.length - 1)];
  if (node === undefined) throw new RangeError('a cluster has one node at least');
  const peer = nodes.find(({ name, shard }) => shard === node.shard && name !== node.name);
  const coordinators = (coordination?.servers ?? []).flatMap(({ name }) => name ?? []);
  const first = coordinators.length > 0 ? draw('coordinator', 0, coordinators.length - 1) : 0;
  return {
    seed,
    ...{ node: node.name, peer: peer?.name, shard: node.shard },
    coordinators: [...coordinators.slice(first), ...coordinators.slice(0, first)],
    batchRows: draw('rows', 200, 800),
    before: draw('before', 5, 15),
    during: draw('during', 15, 30),
    after: draw('after', 5, 15),
    momentPercent: draw('moment', 10, 40),
  };
}

/** All batches of a schedule. */
export const batchesOf = ({ before, during, after }: Schedule): number => before + during + after;
