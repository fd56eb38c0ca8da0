import { z } from 'zod';
import { quoteName, type NodeClient } from '../../clickhouse/cluster.ts';
import type { NodeContent } from '../account.ts';
import type { DrillTarget } from '../drill.ts';
import { batchesOf, type Schedule } from '../schedule.ts';
import type { DrillTables } from './drill-tables.ts';
import { payloadSql } from './row-content.ts';

const missingRow = z.object({ row: z.string() });
const unexpectedRow = z.object({ row: z.string(), why: z.string() });

/** What a drill's tables must hold. */
export interface Expectation {
  readonly schedule: Schedule;
  readonly tables: DrillTables;
  readonly acknowledged: ReadonlySet<number>;
}

/**
 * Compares the rows of every node with what was sent: the nodes compute it, and only what is wrong is
 * fetched. Rows are placed by `cityHash64(id)` over shards of equal weight.
 * @throws QueryError
 */
export const contentsOf = (
  { cluster, deployment }: DrillTarget,
  expectation: Expectation,
): Promise<NodeContent[]> => {
  const shards = [...new Set(cluster.nodes.map(({ node }) => node.shard))].sort();
  return Promise.all(
    cluster.nodes.map(async (client) => {
      const { missing, unexpected } = contentSql(deployment.clickhouse.database, expectation, {
        index: shards.indexOf(client.node.shard),
        count: shards.length,
      });
      return contentOf(client, missing, unexpected);
    }),
  );
};

async function contentOf(
  client: NodeClient,
  missingSql: string,
  unexpectedSql: string,
): Promise<NodeContent> {
  const [missing, unexpected] = await Promise.all([
    client.query(missingSql, missingRow),
    client.query(unexpectedSql, unexpectedRow),
  ]);
  return {
    node: client.node.name,
    missing: missing.map(({ row }) => row),
    unexpected: unexpected.map(({ row, why }) => ({ id: row, why })),
  };
}

/** The statements that give a node's missing and unexpected rows. */
export function contentSql(
  database: string,
  { schedule, tables, acknowledged }: Expectation,
  shard: { readonly index: number; readonly count: number },
): { readonly missing: string; readonly unexpected: string } {
  const table = `${quoteName(database)}.${quoteName(tables.local)}`;
  const rows = batchesOf(schedule) * schedule.batchRows;
  const here = `cityHash64(id) % ${shard.count} = ${shard.index}`;
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
          NOT (${here}), 'wrong shard', 'twice') AS why
      FROM (SELECT id, any(batch) AS batch, any(payload) AS payload, count() AS copies
            FROM ${table} GROUP BY id)
      WHERE copies > 1 OR id >= ${rows} OR batch != ${batch}
        OR payload != ${payloadSql(schedule.seed)} OR NOT (${here})
      ORDER BY id`,
  };
}
