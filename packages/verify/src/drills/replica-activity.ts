import { z } from 'zod';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { DrillTarget } from './drill-target.ts';

const activityRow = z.object({ active: z.coerce.number(), readonly: z.coerce.number() });

/** What a node says of its table's replicas. @throws QueryError */
export async function replicaActivity(
  { cluster, deployment }: DrillTarget,
  node: string,
  table: string,
): Promise<{ readonly active: number; readonly readonly: boolean } | undefined> {
  const sql = `SELECT active_replicas AS active, is_readonly AS readonly FROM system.replicas
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND table = ${quoteText(table)}`;
  const [row] = await cluster.node(node).query(sql, activityRow);
  return row && { active: row.active, readonly: row.readonly === 1 };
}

/** How many replicas of a table are active, as a node sees it. @throws QueryError */
export const activeReplicas = async (
  target: DrillTarget,
  node: string,
  table: string,
): Promise<number | undefined> => (await replicaActivity(target, node, table))?.active;
