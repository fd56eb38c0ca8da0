import type { Deployment } from '@provehouse/infra';
import { quoteName, quoteText, resultName } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from './cluster.ts';
import { tableQuestion } from './each-table.ts';
import { columnsIn, replaceColumns } from './expression-columns.ts';
import { databaseOf, qualifiedName, type NamedTable } from './named-table.ts';
import { onceInCheck } from './running-check.ts';
import { withoutLiterals } from './without-literals.ts';

/** A sharding expression as it is evaluated over the rows of a node's local table. */
export interface ShardingKey {
  /** The columns that it mentions, as the local table has them. */
  readonly columns: readonly string[];
  /** The type of its value, such as `Int64` or `LowCardinality(UInt32)`. */
  readonly type: string;
  /**
   * The number of which the remainder is taken; none for a type by which no row can be routed. It is
   * NULL where a column of the local table is NULL that the Distributed table does not let be so.
   */
  readonly number: string | undefined;
}

/** A Distributed table and the local one below it. */
export interface ShardedTable {
  readonly distributed: NamedTable;
  readonly local: NamedTable;
}

const columnRow = z.object({ name: z.string(), type: z.string() });
const askColumns = tableQuestion({ columns: 'name, type', from: 'system.columns', row: columnRow });
const typeRow = z.object({ type: z.string() });

/** Functions that give another value each time. */
const RANDOM =
  /\b(rand\w*|generate(UUID|ULID|Snowflake|Serial)\w*|now\w*|today|yesterday|rowNumberIn\w+|blockNumber)\s*\(/i;

/** Whether a sharding expression gives a row another value each time. */
export const isRandom = (expression: string): boolean => RANDOM.test(withoutLiterals(expression));

/**
 * A sharding expression over a node's local table. The Distributed table evaluates it over columns of
 * its own types, so that those which the local table defines otherwise are cast.
 * @throws QueryError
 */
export async function shardingKeyOver(
  client: NodeClient,
  deployment: Deployment,
  tables: ShardedTable,
  expression: string,
): Promise<ShardingKey> {
  const [distributed, local] = await Promise.all([
    columnTypes(client, deployment, tables.distributed),
    columnTypes(client, deployment, tables.local),
  ]);
  const names = new Set(local.keys());
  const over = replaceColumns(expression, names, (column) =>
    asDefined(column, local.get(column), distributed.get(column)),
  );
  const columns = columnsIn(expression, names);
  const sql = `DESCRIBE TABLE (SELECT (${over}) AS ${resultName('key')} FROM ${qualifiedName(deployment, tables.local)})`;
  // The same expression over columns of the same types has the same type in every table.
  const question = JSON.stringify([over, columns.map((column) => [column, local.get(column)])]);
  const type = await onceInCheck(client, question, async () => {
    const [key] = await client.query(sql, typeRow);
    return key?.type ?? '';
  });
  return { columns, type, number: numberOf(over, type) };
}

async function columnTypes(
  client: NodeClient,
  deployment: Deployment,
  table: NamedTable,
): Promise<ReadonlyMap<string, string>> {
  const database = databaseOf(deployment, table);
  const columns = await askColumns(client, { database, table: table.name });
  return new Map(columns.map(({ name, type }) => [name, type]));
}

/** A column as the Distributed table has it, if that is otherwise. */
function asDefined(
  column: string,
  local: string | undefined,
  distributed: string | undefined,
): string | undefined {
  if (distributed === undefined || distributed === local) return undefined;
  // NULL cannot be cast to a type without it.
  const type =
    local?.includes('Nullable(') && !distributed.includes('Nullable(')
      ? `Nullable(${distributed.replace(/^LowCardinality\((.*)\)$/s, '$1')})`
      : distributed;
  return `CAST(${quoteName(column)}, ${quoteText(type)})`;
}

/**
 * What the Distributed engine divides by the sum of all weights: signed numbers count as unsigned ones,
 * of 32 bits if they have at most as many, else of 64. `StorageDistributed::createSelector` lists the
 * types, `createBlockSelector` has the arithmetic
 * (https://github.com/ClickHouse/ClickHouse/blob/master/src/Interpreters/createBlockSelector.cpp).
 */
function numberOf(expression: string, type: string): string | undefined {
  const [, signed, bits] =
    /^(?:LowCardinality\(|Nullable\()*(U?Int|Bool)(8|16|32|64)?\)*$/.exec(type) ?? [];
  if (signed === undefined) return undefined;
  if (signed !== 'Int') return `(${expression})`;
  return bits === '64' ? `toUInt64(${expression})` : `toUInt32(${expression})`;
}
