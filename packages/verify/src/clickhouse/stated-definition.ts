import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { LocalTable } from '../contract/contract.ts';
import type { NodeClient } from './cluster.ts';
import { definitionParts, type DefinitionParts } from './definition-parts.ts';
import { hasFunction } from './dialect.ts';

/** Source: https://clickhouse.com/docs/sql-reference/functions/other-functions#formatQuerySingleLine */
const FORMATTER = 'formatQuerySingleLine';

/**
 * A query as a server writes it, however it was typed; undefined where the server cannot.
 * @throws QueryError, also where it is none
 */
export async function writtenQuery(client: NodeClient, query: string): Promise<string | undefined> {
  if (!(await hasFunction(client, `${FORMATTER}('SELECT 1')`))) return undefined;
  const sql = `SELECT ${FORMATTER}(${quoteText(query)}) AS text`;
  const [row] = await client.query(sql, z.object({ text: z.string() }));
  return row?.text;
}

/**
 * What a contract states of a table's TTL, settings, indices, constraints, projections, codecs and
 * comments, as a server writes it, so that only what it means is compared. Undefined where the contract
 * states nothing that has to be written so, and `unknown` where the server cannot.
 * @throws QueryError when the server cannot read what the contract states
 */
export async function statedParts(
  client: NodeClient,
  table: LocalTable,
): Promise<DefinitionParts | 'unknown' | undefined> {
  if (!statesMore(table)) return undefined;
  const written = await writtenQuery(client, statedDefinition(table));
  return written === undefined ? 'unknown' : definitionParts(written);
}

const statesMore = (table: LocalTable): boolean =>
  [table.ttl, table.indices, table.constraints, table.projections, table.comment].some(
    (part) => part !== undefined,
  ) || Object.keys(table.columnProperties ?? {}).length > 0;

/** A CREATE TABLE with what the contract states, and as little else as can be. */
export function statedDefinition(table: LocalTable): string {
  const { indices = {}, constraints = {}, projections = {}, columnProperties = {} } = table;
  const declared = (word: string, all: Readonly<Record<string, string>>): string[] =>
    Object.entries(all).map(([name, text]) => `${word} ${quoteName(name)} ${text}`);
  const columns = Object.entries(columnProperties).map(([name, { codec, ttl, comment }]) =>
    [
      `${quoteName(name)} UInt8`,
      ...(comment ? [`COMMENT ${quoteText(comment)}`] : []),
      ...(codec ? [`CODEC(${codec})`] : []),
      ...(ttl ? [`TTL ${ttl}`] : []),
    ].join(' '),
  );
  const items = [
    ...(columns.length > 0 ? columns : ['`nothing` UInt8']),
    ...declared('INDEX', indices),
    ...declared('CONSTRAINT', constraints),
    ...declared('PROJECTION', projections),
  ];
  const ttl = ttlText(table);
  return [
    `CREATE TABLE stated (${items.join(', ')}) ENGINE = MergeTree ORDER BY tuple()`,
    ...(ttl ? [`TTL ${ttl}`] : []),
    ...(table.comment ? [`COMMENT ${quoteText(table.comment)}`] : []),
  ].join(' ');
}

const ttlText = ({ ttl = [] }: LocalTable): string =>
  typeof ttl === 'string' ? ttl : ttl.join(', ');
