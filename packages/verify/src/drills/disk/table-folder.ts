import { z } from 'zod';
import { exists } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import type { DrillTarget } from '../drill-target.ts';

/** The folder of a table on a node's disk. @throws RangeError */
export async function tableFolder(
  { cluster, deployment }: DrillTarget,
  node: string,
  table: string,
): Promise<string> {
  const sql = `SELECT data_paths AS paths FROM system.tables
    WHERE database = ${quoteText(deployment.clickhouse.database)} AND name = ${quoteText(table)}`;
  const old = sql.replace('data_paths AS paths', '[data_path] AS paths');
  const row = z.object({ paths: z.array(z.string()) });
  const client = cluster.node(node);
  const [found] = await client.query(sql, row).catch(() => client.query(old, row));
  const [folder] = found?.paths ?? [];
  if (folder === undefined || !(await exists(folder))) {
    throw new RangeError(`${node} does not say where the files of ${table} are`);
  }
  return folder.replace(/\/$/, '');
}
