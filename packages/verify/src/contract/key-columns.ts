import { LITERAL } from '../clickhouse/sql-tokens.ts';

const NAME = String.raw`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*`;
const TOKEN = RegExp(`\\s+|${LITERAL}|\\d+(?:\\.\\d+)?|\`${NAME}\`|${NAME}|[-+*/%(),]`, 'y');
/** Words of SQL in which a name may mean something else than a column. */
const WORDS =
  /^(interval|case|when|then|else|end|as|and|or|not|in|is|null|like|between|desc|asc)$/i;

/**
 * The columns that a key's expression names; none where the expression is of a kind in which a name
 * could be something else, such as a lambda's argument.
 */
export function keyColumns(expression: string): string[] {
  const columns: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const [token] = TOKEN.exec(expression) ?? [];
    if (token === undefined || WORDS.test(token)) return [];
    const isFunction = /^\s*\(/.test(expression.slice(TOKEN.lastIndex));
    if (RegExp(`^\`?${NAME}\`?$`).test(token) && !isFunction) {
      columns.push(token.replaceAll('`', ''));
    }
  }
  return columns;
}
