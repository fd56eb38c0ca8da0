import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import type { Scalar } from '../contract/names.ts';

/** A value of a contract as a literal of ClickHouse's SQL. */
export const literal = (value: Scalar | boolean): string =>
  typeof value === 'string' ? quoteText(value) : String(value);

/**
 * A bound as a literal that values of a type are compared with: a Decimal exactly, and on old servers
 * with nothing else than another Decimal.
 */
export function boundLiteral(value: Scalar, type: string | undefined): string {
  const [, digits] = /^-?\d+\.(\d+)$/.exec(String(value)) ?? [];
  if (digits === undefined || type === undefined || !/\bDecimal/.test(type)) return literal(value);
  return `toDecimal128('${value}', ${digits.length})`;
}

/** An aggregate over the rows for which `where` holds: `countIf(where)`, `sumIf(price, where)`. */
export function aggregate(
  name: string,
  columns: readonly string[],
  where: string | undefined,
  level = '',
): string {
  const list = [...columns, ...(where === undefined ? [] : [`(${where})`])].join(', ');
  return `${name}${where === undefined ? '' : 'If'}${level}(${list})`;
}

/** Conditions that all must hold, of those that there are. */
export function both(...conditions: readonly (string | undefined)[]): string | undefined {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? undefined : given.map((condition) => `(${condition})`).join(' AND ');
}

/** A WHERE clause, or nothing. */
export const whereClause = (condition: string | undefined): string =>
  condition === undefined ? '' : ` WHERE ${condition}`;

/** An aggregate that says from where to where a column goes; nothing for a column of NULLs. */
export function extent(column: string, where: string | undefined): string {
  const bound = (name: string): string =>
    `toString(${aggregate(name, [quoteName(column)], where)})`;
  return `ifNull(concat(${bound('min')}, ' … ', ${bound('max')}), '')`;
}
