import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import type { NodeClient } from '../../clickhouse/cluster.ts';
import type { NodeContent } from '../account.ts';
import type { DrillTarget } from '../drill-target.ts';
import { batchesOf, type Schedule } from '../schedule.ts';
import { belongsHere, slotsOf, type ShardSlots } from '../shard-slots.ts';
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
  slots: ShardSlots,
): { readonly missing: string; readonly unexpected: string } {
  const table = `${quoteName(database)}.${quoteName(tables.local)}`;
  const rows = batchesOf(schedule) * schedule.batchRows;
  const here = belongsHere('cityHash64(id)', slots);
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
