import type { LocalTable } from '../contract/contract.ts';
import { compare, type Difference, type FoundColumn } from './definition-differences.ts';

/** A column's type, what its values come from, and the expression: `String DEFAULT upper(raw)`. */
const DEFINED =
  /^((?:'(?:[^'\\]|\\.)*'|[^'])*?)(?:\s+(DEFAULT|MATERIALIZED|ALIAS|EPHEMERAL)\b.*)?$/s;

/** Columns that a Distributed table need not have: nothing is inserted into them through it. */
const NOT_INSERTED = ['MATERIALIZED', 'ALIAS', 'EPHEMERAL'];

/**
 * Columns of a Distributed table that do not fit those of the table below it. It sends rows on by the
 * names and types of its columns, so that it may define them as plain ones, leave out those that the
 * table below computes, and have them in any order.
 */
export function distributedColumnDifferences(
  { columns: below, exactColumns }: Pick<LocalTable, 'columns' | 'exactColumns'>,
  found: readonly FoundColumn[],
): Difference[] {
  const known = Object.entries(below).map(([name, definition]) => {
    const [, type = '', kind = ''] = DEFINED.exec(definition) ?? [];
    return { name, type, computed: NOT_INSERTED.includes(kind) };
  });
  const observed = new Map(found.map(({ name, type }) => [name, type]));
  const wrong = known
    .filter(({ name, computed }) => !computed || observed.has(name))
    .flatMap(({ name, type }) => compare(`column ${name}`, type, observed.get(name) ?? ''));
  const surplus = found.filter(({ name }) => exactColumns && !Object.hasOwn(below, name));
  return [...wrong, ...surplus.flatMap(({ name, type }) => compare(`column ${name}`, '', type))];
}
