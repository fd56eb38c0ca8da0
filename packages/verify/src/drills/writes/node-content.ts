import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { quoteName } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import { ownShard, shardWeights } from '../../clickhouse/shard-weights.ts';
import type { NodeContent } from '../account.ts';
import type { DrillTarget } from '../drill-target.ts';
import { batchesOf, type Schedule } from '../schedule.ts';
import type { DrillTables } from './drill-tables.ts';
import { payloadSql } from './row-content.ts';

const missingRow = z.object({ row: z.string() });
const unexpectedRow = z.object({ row: z.string(), why: z.string(), parts: z.string() });

/** What a drill's tables must hold. */
export interface Expectation {
  readonly schedule: Schedule;
  readonly tables: DrillTables;
  readonly acknowledged: ReadonlySet<number>;
}

/** The remainders of `cityHash64(id)` by `total` that belong to a node's shard: `first` … `end` − 1. */
interface Slots {
  readonly first: number;
  readonly end: number;
  readonly total: number;
}

/** Thrown for a node that does not know its own shard, so that nothing can be said of its rows. */
export class UnknownShardError extends ProvehouseError {
  override readonly name = 'UnknownShardError';
}

/**
 * Compares the rows of every node with what was sent: the nodes compute it, and only what is wrong is
 * fetched.
 * @throws QueryError
 * @throws UnknownShardError
 */
export const contentsOf = (
  { cluster, deployment }: DrillTarget,
  expectation: Expectation,
): Promise<NodeContent[]> =>
  Promise.all(
    cluster.nodes.map(async (client) => {
      const slots = await slotsOf(client, deployment.clickhouse.cluster);
      return contentOf(client, contentSql(deployment.clickhouse.database, expectation, slots));
    }),
  );

/** What belongs to a node by the weights that it knows. */
async function slotsOf(client: NodeClient, cluster: string): Promise<Slots> {
  const weights = await shardWeights(client, cluster);
  const own = ownShard(weights, client.node);
  const total = weights.at(-1)?.end ?? 0;
  if (own === undefined || total === 0) {
    throw new UnknownShardError(
      `Expected shard ${client.node.shard} of ${cluster} in system.clusters on ${client.node.name}, found ${weights.map(({ number, weight }) => `${number} of weight ${weight}`).join(', ') || 'none'}. Run the check cluster-topology.`,
    );
  }
  return { first: own.first, end: own.end, total };
}

async function contentOf(
  client: NodeClient,
  sql: { readonly missing: string; readonly unexpected: string },
): Promise<NodeContent> {
  const [missing, unexpected] = await Promise.all([
    client.query(sql.missing, missingRow),
    client.query(sql.unexpected, unexpectedRow),
  ]);
  return {
    node: client.node.name,
    missing: missing.map(({ row }) => row),
    unexpected: unexpected.map(({ row, ...found }) => ({ id: row, ...found })),
    sql: [sql.missing, sql.unexpected],
  };
}

/** The statements that give a node's missing and unexpected rows. */
function contentSql(
  database: string,
  { schedule, tables, acknowledged }: Expectation,
  { first, end, total }: Slots,
): { readonly missing: string; readonly unexpected: string } {
  const table = `${quoteName(database)}.${quoteName(tables.local)}`;
  const rows = batchesOf(schedule) * schedule.batchRows;
  const slot = `cityHash64(id) % ${total}`;
  const here = `(${slot} >= ${first} AND ${slot} < ${end})`;
  const batch = `intDiv(id, ${schedule.batchRows})`;
  const batches = [...acknowledged].sort((left, right) => left - right).join(', ');
  return {
    missing: `SELECT toString(id) AS row FROM
        (SELECT toUInt64(number) AS id FROM numbers(${rows})
         WHERE ${here} AND ${batch} IN (${batches || '-1'}))
      WHERE id NOT IN (SELECT id FROM ${table}) ORDER BY id`,
    unexpected: `SELECT toString(id) AS row, multiIf(
          id >= ${rows} OR batch != ${batch}, 'never sent',
          payload != ${payloadSql(schedule.seed)}, 'changed',
          NOT ${here}, 'wrong shard', 'twice') AS why, parts
      FROM (SELECT id, any(batch) AS batch, any(payload) AS payload, count() AS copies,
              arrayStringConcat(arraySort(groupUniqArray(_part)), ', ') AS parts
            FROM ${table} GROUP BY id)
      WHERE copies > 1 OR id >= ${rows} OR batch != ${batch}
        OR payload != ${payloadSql(schedule.seed)} OR NOT ${here}
      ORDER BY id`,
  };
}
