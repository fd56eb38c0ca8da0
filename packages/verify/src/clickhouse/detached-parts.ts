import type { Deployment } from '@provehouse/infra';
import { quoteText } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { tableQuestion } from './each-table.ts';
import { databaseOf, type NamedTable } from './named-table.ts';

const blocks = {
  name: z.string(),
  partition_id: z.string().nullable(),
  min_block_number: z.coerce.number().nullable(),
  max_block_number: z.coerce.number().nullable(),
};
const detachedRow = z.object({ ...blocks, reason: z.string().nullable() });
const activeRow = z.object({ ...blocks, rows: z.coerce.number() });

/** A row of `system.detached_parts` (https://clickhouse.com/docs/operations/system-tables/detached_parts). */
export type DetachedPart = z.infer<typeof detachedRow>;
/** An active part that has rows. */
export type ActivePart = z.infer<typeof activeRow>;

const place = (deployment: Deployment, table: NamedTable): string =>
  `database = ${quoteText(databaseOf(deployment, table))} AND table = ${quoteText(table.name)}`;

const DETACHED = {
  columns: 'name, reason, partition_id, min_block_number, max_block_number',
  from: 'system.detached_parts',
  order: 'name',
} as const;
const askDetached = tableQuestion({ ...DETACHED, row: detachedRow });

/** The statement that gives a table's parts that were set aside. */
export const detachedSql = (deployment: Deployment, table: NamedTable): string =>
  `SELECT ${DETACHED.columns}
   FROM ${DETACHED.from} WHERE ${place(deployment, table)} ORDER BY ${DETACHED.order}`;

/** Parts of a table that were set aside. @throws QueryError */
export const detachedParts = (
  deployment: Deployment,
  client: NodeClient,
  table: NamedTable,
): Promise<readonly DetachedPart[]> =>
  askDetached(client, { database: databaseOf(deployment, table), table: table.name });

/** The active parts that have rows; one without covers blocks that were dropped. @throws QueryError */
export const partsWithRows = (
  deployment: Deployment,
  client: NodeClient,
  table: NamedTable,
): Promise<ActivePart[]> =>
  client.query(
    `SELECT name, partition_id, min_block_number, max_block_number, rows FROM system.parts
     WHERE active AND rows > 0 AND ${place(deployment, table)} ORDER BY name`,
    activeRow,
  );

/** What is known of the rows of a part that was set aside. */
export type Whereabouts =
  /** An active part has its blocks. */
  | { readonly kind: 'elsewhere'; readonly holder: string }
  /** Somebody has given a statement for it; whatever was merged since may have its blocks and not its rows. */
  | { readonly kind: 'by statement' }
  /** Set aside by the server, and no active part has its blocks. */
  | { readonly kind: 'only copy' };

/** What DROP DETACHED leaves when it is interrupted. */
const BEING_DROPPED = 'deleting';

/** Where the rows of a part are; `holders` are active parts of its replicas by node. */
export function whereaboutsOf(
  part: DetachedPart,
  holders: ReadonlyMap<string, readonly ActivePart[]>,
): Whereabouts {
  const { reason, partition_id, min_block_number: min, max_block_number: max } = part;
  if (reason === BEING_DROPPED)
    return { kind: 'elsewhere', holder: 'a DROP that was given for it' };
  if (reason === null || reason === '') return { kind: 'by statement' };
  if (min === null || max === null) return { kind: 'only copy' };
  for (const [node, parts] of holders) {
    const holder = parts.find(
      (active) =>
        active.partition_id === partition_id &&
        (active.min_block_number ?? Infinity) <= min &&
        (active.max_block_number ?? -Infinity) >= max,
    );
    if (holder !== undefined) return { kind: 'elsewhere', holder: `${holder.name} on ${node}` };
  }
  return { kind: 'only copy' };
}
