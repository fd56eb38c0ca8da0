import { quoteName, resultName, resultRow } from '@provehouse/infra/clickhouse';
import { z } from 'zod';
import type { NodeClient } from '../clickhouse/cluster.ts';
import { columnName } from '../contract/names.ts';
import type { DefinedColumn } from './ask-columns.ts';

/** A rule as a contract has it. */
export type SuggestedRule =
  | { readonly rule: 'unique'; readonly columns: readonly string[] }
  | { readonly rule: 'set'; readonly column: string; readonly values: readonly string[] };

/** Columns of so few values are taken for lists of what may occur. */
const FEW_VALUES = 12;
/** Rows for each value below which few values may be chance. */
const ROWS_A_VALUE = 100;
/** Larger tables are not read through. */
const MOST_ROWS = 50_000_000;

const TEXT =
  /^(?:Nullable\(|LowCardinality\()*(?:String|FixedString\(\d+\)|Enum(?:8|16)\(.*\))\)*$/s;
const PLAIN_KEY = /^[A-Za-z_]\w*$/;

/**
 * Rules that a table may be meant to keep: its sorting key is unique, and columns of text have few
 * values. That they hold is for the checks to say: what is suggested is seen on one node alone.
 * @throws QueryError
 */
export async function suggestRules(
  client: Pick<NodeClient, 'query'>,
  table: { readonly quoted: string; readonly sortingKey: string },
  columns: readonly DefinedColumn[],
): Promise<readonly SuggestedRule[]> {
  const keys = table.sortingKey.split(',').map((key) => key.trim());
  const unique: readonly SuggestedRule[] =
    keys.every((key) => PLAIN_KEY.test(key)) && columns.length > 0
      ? [{ rule: 'unique', columns: keys }]
      : [];
  const texts = columns.filter(
    ({ type, kind, name }) =>
      TEXT.test(type) &&
      columnName.safeParse(name).success &&
      kind !== 'ALIAS' &&
      kind !== 'EPHEMERAL',
  );
  const sets = await Promise.all(texts.map((column) => fewValues(client, table.quoted, column)));
  return [...unique, ...sets.flat()];
}

const valuesRow = resultRow({ rows: z.coerce.number(), values: z.array(z.string()) });

async function fewValues(
  client: Pick<NodeClient, 'query'>,
  table: string,
  { name }: DefinedColumn,
): Promise<readonly SuggestedRule[]> {
  const column = quoteName(name);
  const sql = `SELECT count() AS ${resultName('rows')},
      arraySort(groupUniqArray(${FEW_VALUES + 1})(toString(assumeNotNull(${column})))) AS ${resultName('values')}
    FROM ${table} WHERE ${column} IS NOT NULL`;
  const [found] = await client.query(sql, valuesRow);
  const { rows = 0, values = [] } = found ?? {};
  const few = values.length > 0 && values.length <= FEW_VALUES;
  return few && rows >= values.length * ROWS_A_VALUE && rows <= MOST_ROWS
    ? [{ rule: 'set', column: name, values }]
    : [];
}
