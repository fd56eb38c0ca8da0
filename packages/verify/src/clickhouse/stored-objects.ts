import type { Deployment } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { isOneOf, type NamedTable } from './named-table.ts';

const placeRow = z.object({
  database: z.string(),
  table: z.string(),
  parts: z.coerce.number(),
  remote: z.coerce.number(),
});

const objectRow = z.object({
  database: z.string(),
  table: z.string(),
  part: z.string(),
  object: z.string(),
  size: z.coerce.number(),
  of: z.coerce.number(),
  parts: z.coerce.number(),
});

/** How many active parts a table of a node has, and how many of them are in object storage. */
export type PartPlaces = z.infer<typeof placeRow>;
/** An object of an active part, with the number of all of its table, and of the parts that have any. */
export type StoredObject = z.infer<typeof objectRow>;

/** The disks whose files are objects (https://clickhouse.com/docs/operations/system-tables/disks). */
const REMOTE = '(SELECT name FROM system.disks WHERE is_remote)';

/** Where the tables that a node has are. @throws QueryError */
export const partPlaces = (
  deployment: Deployment,
  client: NodeClient,
  tables: readonly NamedTable[],
): Promise<PartPlaces[]> =>
  client.query(
    `SELECT t.database AS database, t.table AS table, sum(p.is_part) AS parts, sum(p.is_remote) AS remote
     FROM (SELECT database, name AS table FROM system.tables
       WHERE ${isOneOf(deployment, tables, 'name')}) AS t
     LEFT JOIN (SELECT database, table, 1 AS is_part, disk_name IN ${REMOTE} AS is_remote
       FROM system.parts WHERE active AND ${isOneOf(deployment, tables)}) AS p
     ON t.database = p.database AND t.table = p.table
     GROUP BY database, table`,
    placeRow,
  );

/**
 * The statement that gives objects of the tables' active parts, others of a large table each time.
 *
 * A file is named below the folder of its disk, and its first four folders are those of its part:
 * `store/<three letters>/<uuid>/<part>` or `data/<database>/<table>/<part>`
 * (https://clickhouse.com/docs/operations/system-tables/remote_data_paths).
 */
export const objectsSql = (
  deployment: Deployment,
  tables: readonly NamedTable[],
  { most, only }: { readonly most: number; readonly only?: readonly string[] },
): string =>
  `SELECT p.database AS database, p.table AS table, p.name AS part, r.remote_path AS object, r.size AS size,
     count() OVER (PARTITION BY p.database, p.table) AS of,
     uniqExact(p.name) OVER (PARTITION BY p.database, p.table) AS parts
   FROM (SELECT disk_name, remote_path, size,
       concat(path, arrayStringConcat(arraySlice(splitByChar('/', local_path), 1, 4), '/'), '/') AS folder
     FROM system.remote_data_paths
     WHERE ${only === undefined ? '1' : `remote_path IN (${only.map(quoteText).join(', ')})`}) AS r
   INNER JOIN (SELECT database, table, name, path, disk_name
     FROM system.parts WHERE active AND ${isOneOf(deployment, tables)}) AS p
   ON r.folder = p.path AND r.disk_name = p.disk_name
   ORDER BY rand() LIMIT ${most} BY database, table`;

/** Objects of the tables' active parts, at most so many of each table. @throws QueryError */
export const storedObjects = (
  deployment: Deployment,
  client: NodeClient,
  tables: readonly NamedTable[],
  which: { readonly most: number; readonly only?: readonly string[] },
): Promise<StoredObject[]> => client.query(objectsSql(deployment, tables, which), objectRow);
