import { QueryError, quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { ClusterContext } from '../check.ts';
import { localTables } from '../contract/contract.ts';
import type { NodeClient } from './cluster.ts';
import { databaseOf } from './named-table.ts';
import { replicasOf, type Replica } from './replicated.ts';

const activityRow = z.object({
  waiting: z.coerce.number(),
  unfinished: z.coerce.number(),
  inserting: z.coerce.number(),
  parts: z.string(),
});

/**
 * What the rows of the contract's tables are at, where nothing is on its way: no entry of a replication
 * queue, no row for another shard, no mutation and no insert. Two that are equal mean that nothing has changed
 * in between, so that what was found there stays as it is. None where something moves, or a node does not tell.
 * @param options `statements` looks for those that were given ON CLUSTER as well
 */
export async function stillness(
  context: ClusterContext,
  { statements = false } = {},
): Promise<string | undefined> {
  try {
    const nodes = await Promise.all(
      context.cluster.nodes.map(async (client) =>
        statements && (await hasStatements(client)) ? undefined : stillnessOf(context, client),
      ),
    );
    return nodes.includes(undefined) ? undefined : nodes.join('\n');
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

async function stillnessOf(
  context: ClusterContext,
  client: NodeClient,
): Promise<string | undefined> {
  const [replicas, [activity]] = await Promise.all([
    replicasOf(context, client),
    client.query(activitySql(context), activityRow),
  ]);
  if (activity === undefined || !replicas.every(isInStep)) return undefined;
  const { waiting, unfinished, inserting, parts } = activity;
  if (waiting + unfinished + inserting > 0) return undefined;
  const logs = replicas.map(({ replica_path: path, log_max_index: end }) => `${path} ${end}`);
  return [client.node.name, parts, ...logs].join(', ');
}

/** Whether a replica has done all that its table's log has. */
const isInStep = (replica: Replica): boolean =>
  replica.queue_size === 0 &&
  replica.is_readonly === 0 &&
  replica.is_session_expired === 0 &&
  (replica.zookeeper_exception ?? '') === '' &&
  // A log that is empty has the same numbers as one with a single entry that was not read.
  (replica.log_pointer > replica.log_max_index || replica.log_max_index === 0);

const activitySql = ({ deployment, contract }: ClusterContext): string => {
  const tables = localTables(contract).map(
    (table) => `(${quoteText(databaseOf(deployment, table))}, ${quoteText(table.name)})`,
  );
  return `SELECT
    (SELECT count() FROM system.distribution_queue WHERE data_files > 0) AS waiting,
    (SELECT count() FROM system.mutations WHERE NOT is_done) AS unfinished,
    (SELECT count() FROM system.processes WHERE query_kind = 'Insert') AS inserting,
    (SELECT concat(toString(count()), ' ', toString(sum(rows)), ' ', toString(max(modification_time)))
     FROM system.parts WHERE active AND (database, table) IN (${tables.join(', ')})) AS parts`;
};
