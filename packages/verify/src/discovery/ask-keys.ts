import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { SERVER_DATABASES } from '../clickhouse/user-tables.ts';

/** The keys of a table as its server writes them; empty where there is none. */
export interface TableKeys {
  readonly partition: string;
  readonly sorting: string;
}

const keyRow = z.object({ table: z.string(), partition: z.string(), sorting: z.string() });

/** The keys of the users' tables by `database.name`. @throws QueryError */
export async function askKeys(
  client: Pick<NodeClient, 'query'>,
): Promise<ReadonlyMap<string, TableKeys>> {
  const sql = `SELECT concat(database, '.', name) AS table, partition_key AS partition, sorting_key AS sorting
    FROM system.tables WHERE database NOT IN ${SERVER_DATABASES}`;
  const rows = await client.query(sql, keyRow);
  return new Map(rows.map(({ table, ...keys }) => [table, keys]));
}
