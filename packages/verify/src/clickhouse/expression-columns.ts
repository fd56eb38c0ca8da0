import { tokensOf } from './sql-tokens.ts';

/**
 * An expression in which each mention of a column is replaced, unless `replace` gives nothing for it. A
 * name counts as a column's when it is one of `columns` and no function's, plain or quoted; of `n.k` also
 * `n` alone may be the column.
 */
export function replaceColumns(
  expression: string,
  columns: ReadonlySet<string>,
  replace: (column: string) => string | undefined,
): string {
  const tokens = tokensOf(expression);
  const replaced = tokens.map((token, at) => {
    const name = unquoted(token);
    const called = tokens.slice(at + 1).find((next) => next.trim() !== '') === '(';
    if (name === undefined || called) return token;
    if (columns.has(name)) return replace(name) ?? token;
    const [first = '', ...parts] = name.split('.');
    if (!columns.has(first) || token !== name) return token;
    return [replace(first) ?? first, ...parts].join('.');
  });
  return replaced.join('');
}

/** The columns that an expression mentions, each once, in their order there. */
export function columnsIn(expression: string, columns: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  replaceColumns(expression, columns, (column) => {
    found.add(column);
    return undefined;
  });
  return [...found];
}

/** The name that a token is, without its quotes. */
function unquoted(token: string): string | undefined {
  if (/^[`"]./.test(token)) return token.slice(1, -1).replaceAll(/\\(.)|(["`])\2/g, '$1$2');
  return /^[A-Za-z_]/.test(token) ? token : undefined;
}
