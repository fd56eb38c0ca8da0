import { resultName, resultRow } from '../clickhouse/result-names.ts';
import { z } from 'zod';
import type { ConnectedNode } from '../clickhouse/node-client.ts';
import { quoteName, quoteText } from '../clickhouse/quote.ts';
import { mergesRows, rowHash } from '../clickhouse/row-hash.ts';
import type { TableContent } from './manifest.ts';

/** A table as a node has it. */
export interface FoundTable {
  readonly name: string;
  readonly engine: string;
  readonly uuid: string;
  readonly definition: string;
}

/** The tables of a database, by what a backup does with them. */
export interface FoundTables {
  /** Those whose rows replicate. */
  readonly replicated: readonly FoundTable[];
  /** Those that have no rows of their own. */
  readonly definitions: readonly FoundTable[];
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

const REPLICATED = /^Replicated.*MergeTree$/;
const WITHOUT_ROWS = ['Distributed', 'View', 'MaterializedView', 'Kafka', 'Merge', 'Null'];
/** What a node writes for a secret that a definition has. */
const HIDDEN = '[HIDDEN]';

const tableRow = z.object({
  name: z.string(),
  engine: z.string(),
  uuid: z.string(),
  definition: z.string(),
});

/** The tables of a database on a node. @throws QueryError */
export async function askTables(node: ConnectedNode, database: string): Promise<FoundTables> {
  const all = await node.query(
    `SELECT name, engine, toString(uuid) AS uuid, create_table_query AS definition
     FROM system.tables WHERE database = ${quoteText(database)} AND NOT is_temporary ORDER BY name`,
    tableRow,
  );
  const leftOut: { name: string; why: string }[] = [];
  const keep = (table: FoundTable): boolean => {
    const why = whyLeftOut(table, all);
    if (why !== undefined) leftOut.push({ name: table.name, why });
    return why === undefined;
  };
  const kept = all.filter(keep);
  return {
    replicated: kept.filter(({ engine }) => REPLICATED.test(engine)),
    definitions: kept.filter(({ engine }) => !REPLICATED.test(engine)),
    leftOut,
  };
}

function whyLeftOut(
  { name, engine, uuid, definition }: FoundTable,
  all: readonly FoundTable[],
): string | undefined {
  if (name.startsWith('.inner')) return 'it is inside a materialized view';
  if (all.some(({ name: other }) => [`.inner_id.${uuid}`, `.inner.${name}`].includes(other))) {
    return 'a materialized view that keeps its rows itself';
  }
  if (definition.includes(HIDDEN)) return 'its definition has a secret';
  if (REPLICATED.test(engine) || WITHOUT_ROWS.includes(engine)) return undefined;
  return `no replica has the rows of ${engine}`;
}

/** The name of a table of a database, for a statement. */
export const qualified = (database: string, table: string): string =>
  `${quoteName(database)}.${quoteName(table)}`;

const columnRow = z.object({ name: z.string(), type: z.string() });
const [ROWS, HASH] = [resultName('rows'), resultName('hash')];
const contentRow = resultRow({ rows: z.coerce.number(), hash: z.string() });

/**
 * What a table holds on a node: rows as they are meant, merged where the engine merges them, so that a
 * merge in between changes nothing. @throws QueryError
 */
export async function askContent(
  node: ConnectedNode,
  database: string,
  { name, engine }: Pick<FoundTable, 'name' | 'engine'>,
): Promise<TableContent> {
  const columns = await node.query(
    `SELECT name, type FROM system.columns WHERE database = ${quoteText(database)}
       AND table = ${quoteText(name)} AND default_kind NOT IN ('ALIAS', 'EPHEMERAL') ORDER BY position`,
    columnRow,
  );
  const merged = mergesRows(engine);
  const hash = rowHash(Object.fromEntries(columns.map((column) => [column.name, column.type])), {
    merged,
  });
  const [found] = await node.query(
    `SELECT count() AS ${ROWS}, toString(sum(${hash})) AS ${HASH} FROM ${qualified(database, name)}${merged ? ' FINAL' : ''}`,
    contentRow,
    undefined,
    // Rows are asked, and no other account of them.
    { optimize_use_implicit_projections: 0, optimize_use_projections: 0 },
  );
  return { node: node.node.name, rows: found?.rows ?? 0, hash: found?.hash ?? '0' };
}

/** Whether two replicas, or a replica at two moments, hold the same. */
export const sameContent = (
  left: Pick<TableContent, 'rows' | 'hash'>,
  right: Pick<TableContent, 'rows' | 'hash'>,
): boolean => left.rows === right.rows && left.hash === right.hash;
