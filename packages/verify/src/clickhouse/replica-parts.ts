import type { Deployment } from '@provehouse/infra';
import { quoteText, resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { contentHash } from './content.ts';
import { hashesAllTypes, hasSystemColumn } from './dialect.ts';
import { tableQuestion } from './each-table.ts';
import { databaseOf, qualifiedName, type NamedTable } from './named-table.ts';
import { rewritesParts, type QueueEntry } from './replication-queue.ts';
import { askStoredTable } from './stored-table.ts';

const partRow = resultRow({ name: z.string(), rows: z.coerce.number(), sum: z.string() });

/** An active part; `sum` is the checksum of its files, or the hash of its rows. */
export type Part = z.infer<typeof partRow>;

/** The same for replicas that compress in different ways. */
const CHECKSUM = 'hash_of_uncompressed_files';

const CHECKED = {
  columns: `name, rows, ${CHECKSUM} AS sum`,
  from: 'system.parts',
  where: 'active',
  order: 'name',
} as const;
const askParts = tableQuestion({ ...CHECKED, row: partRow });

/** A table's active parts on a node, with the statement that gave them. @throws QueryError */
export async function activeParts(
  deployment: Deployment,
  client: NodeClient,
  table: NamedTable,
): Promise<{ readonly sql: string; readonly parts: readonly Part[] }> {
  if (!(await hasSystemColumn(client, 'parts', CHECKSUM))) {
    const sql = await hashedParts(deployment, client, table);
    return { sql, parts: await client.query(sql, partRow) };
  }
  const database = databaseOf(deployment, table);
  const sql = `SELECT ${CHECKED.columns} FROM ${CHECKED.from} WHERE ${CHECKED.where}
    AND database = ${quoteText(database)} AND table = ${quoteText(table.name)} ORDER BY name`;
  return { sql, parts: await askParts(client, { database, table: table.name }) };
}

const NAME = resultName('name');

/** The same by the hashes of their rows, as they are in the parts. */
async function hashedParts(
  deployment: Deployment,
  client: NodeClient,
  table: NamedTable,
): Promise<string> {
  const { columns } = await askStoredTable(client, deployment, table);
  const hash = contentHash(columns, { allTypes: await hashesAllTypes(client) });
  return `SELECT _part AS ${NAME}, count() AS ${resultName('rows')}, ${hash} AS ${resultName('sum')}
    FROM ${qualifiedName(deployment, table)} GROUP BY ${NAME} ORDER BY ${NAME}`;
}

/** A part that two replicas do not have alike. */
export interface PartDifference extends Record<string, string> {
  readonly part: string;
  readonly what: string;
}

/** What one replica has otherwise than another. */
export function partDifferences(
  left: readonly Part[],
  right: readonly Part[],
  leftNode: string,
  rightNode: string,
): PartDifference[] {
  const [lefts, rights] = [left, right].map((parts) => new Map(parts.map((p) => [p.name, p])));
  const only = (
    some: readonly Part[],
    other: ReadonlyMap<string, Part> | undefined,
    node: string,
  ) =>
    some
      .filter(({ name }) => !other?.has(name))
      .map(({ name }) => ({ part: name, what: `only on ${node}` }));
  const changed = left.flatMap((part) => {
    const other = rights?.get(part.name);
    return other && (other.rows !== part.rows || other.sum !== part.sum)
      ? [{ part: part.name, what: `differs: ${part.rows} and ${other.rows} rows` }]
      : [];
  });
  return [...only(left, rights, leftNode), ...only(right, lefts, rightNode), ...changed];
}

/**
 * The merges and mutations in a replica's queue that can be done with the parts that it has, and the
 * names of its parts when they are.
 */
export function afterRewrites(
  parts: readonly Part[],
  queue: readonly QueueEntry[],
): { readonly names: ReadonlySet<string>; readonly pending: readonly QueueEntry[] } {
  const names = new Set(parts.map(({ name }) => name));
  const pending = queue.filter((entry) => {
    const sources = entry.parts_to_merge;
    if (!rewritesParts(entry) || !sources.every((name) => names.has(name))) return false;
    for (const name of sources) names.delete(name);
    names.add(entry.new_part_name);
    return true;
  });
  return { names, pending };
}
