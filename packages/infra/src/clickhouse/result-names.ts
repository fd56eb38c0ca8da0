import { quoteName } from './quote.ts';
import { z } from 'zod';

const PREFIX = 'found ';

/**
 * A name for a result in a statement over a user's table, quoted: one that no column has. Where a
 * column has the name of a result, ClickHouse takes the result for it, also inside of other expressions:
 * https://clickhouse.com/docs/operations/settings/settings#prefer_column_name_to_alias
 */
export const resultName = (name: string): string => quoteName(`${PREFIX}${name}`);

/** Reads a row of such results by their plain names. */
export const resultRow = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(withPlainNames, z.object(shape));

function withPlainNames(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name,
      value,
    ]),
  );
}
