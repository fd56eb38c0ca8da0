import { QueryError } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import type { Stillness } from '../settle.ts';
import type { NodeClient } from './cluster.ts';
import { isLocalTable, replicasOf, type Replica } from './replicated.ts';

const activityRow = z.object({
  waiting: z.coerce.number(),
  unfinished: z.coerce.number(),
  inserting: z.coerce.number(),
  parts: z.string(),
});

/** What was observed last of the clusters that are judged. */
const observed = new WeakMap<ClusterContext, string | undefined>();

/**
 * Whether anything is under way on a cluster, for those that judge it: they share what was observed, and the
 * first of them has it asked while it looks.
 */
export function stillness(context: ClusterContext): Stillness {
  const observe = async (): Promise<string | undefined> => {
    const state = await observeStillness(context);
    observed.set(context, state);
    return state;
  };
  return {
    seen() {
      if (observed.has(context)) return observed.get(context);
      observed.set(context, undefined);
      // Who finds something asks again, and has the error.
      observe().catch(() => undefined);
      return undefined;
    },
    observe,
  };
}

/** The same for those whose look depends on statements that were given ON CLUSTER as well. */
export function stillnessOfStatements(context: ClusterContext): Stillness {
  let last: string | undefined;
  return {
    seen: () => last,
    observe: async () => (last = await observeStillness(context, { statements: true })),
  };
}

/**
 * What the rows of the contract's tables are at, where nothing is on its way: no entry of a replication
 * queue, no row for another shard, no mutation and no insert. Two that are equal mean that nothing has changed
 * in between, so that what was found there stays as it is. None where something moves, or a node does not tell.
 * @param options `statements` looks for those that were given ON CLUSTER as well
 */
export async function observeStillness(
  context: ClusterContext,
  { statements = false } = {},
): Promise<string | undefined> {
  try {
    const nodes = await Promise.all(
      context.cluster.nodes.map(async (client) =>
        statements && (await hasStatements(client)) ? undefined : stillnessOf(context, client),
      ),
    );
    const still = nodes.filter((node) => node !== undefined);
    const ends = endsOf(still.flatMap(({ replicas }) => replicas));
    const inStep = still.every(({ replicas }) => replicas.every((one) => isInStep(one, ends)));
    if (still.length < nodes.length || !inStep) return undefined;
    return still.map(({ shown }) => shown).join('\n');
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}

const countRow = z.object({ unfinished: z.coerce.number() });

/** Whether a node has yet to execute something (https://clickhouse.com/docs/operations/system-tables/distributed_ddl_queue). */
async function hasStatements(client: NodeClient): Promise<boolean> {
  const sql = `SELECT count() AS unfinished FROM system.distributed_ddl_queue WHERE status != 'Finished'`;
  const [found] = await client.query(sql, countRow);
  return (found?.unfinished ?? 1) > 0;
}

/** A node on which nothing is under way, and its replicas. */
interface StillNode {
  readonly shown: string;
  readonly replicas: readonly Replica[];
}

async function stillnessOf(
  context: ClusterContext,
  client: NodeClient,
): Promise<StillNode | undefined> {
  const [replicas, [activity]] = await Promise.all([
    replicasOf(context, client),
    client.query(activitySql(context), activityRow),
  ]);
  if (activity === undefined) return undefined;
  const { waiting, unfinished, inserting, parts } = activity;
  if (waiting + unfinished + inserting > 0) return undefined;
  const logs = replicas.map(({ replica_path: path, log_max_index: end }) => `${path} ${end}`);
  return { shown: [client.node.name, parts, ...logs].join(', '), replicas };
}

/**
 * The newest entry of each table's log that any replica knows: coordination may show one of them a log as it
 * was a moment ago.
 */
function endsOf(replicas: readonly Replica[]): ReadonlyMap<string, number> {
  const byPath = Map.groupBy(replicas, ({ zookeeper_path: path }) => path);
  return new Map(
    [...byPath].map(([path, of]) => [path, Math.max(...of.map((one) => one.log_max_index))]),
  );
}

/** Whether a replica has done all that its table's log has. */
const isInStep = (replica: Replica, ends: ReadonlyMap<string, number>): boolean => {
  const end = ends.get(replica.zookeeper_path) ?? replica.log_max_index;
  return (
    replica.queue_size === 0 &&
    replica.is_readonly === 0 &&
    replica.is_session_expired === 0 &&
    (replica.zookeeper_exception ?? '') === '' &&
    // A log that is empty has the same numbers as one with a single entry that was not read.
    (replica.log_pointer > end || end === 0)
  );
};

const activitySql = (context: ClusterContext): string =>
  `SELECT
    (SELECT count() FROM system.distribution_queue WHERE data_files > 0) AS waiting,
    (SELECT count() FROM system.mutations WHERE NOT is_done) AS unfinished,
    (SELECT count() FROM system.processes WHERE query_kind = 'Insert') AS inserting,
    (SELECT concat(toString(count()), ' ', toString(sum(rows)), ' ', toString(max(modification_time)))
     FROM system.parts WHERE active AND ${isLocalTable(context)}) AS parts`;
