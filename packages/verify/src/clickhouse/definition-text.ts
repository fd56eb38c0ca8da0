import { cutAtCommas, endOfBracket, LITERAL, tokensOf } from './sql-tokens.ts';

/**
 * An expression in a form in which equal ones are equal texts, however they were typed: without
 * space, backquotes and brackets around the whole; an empty tuple is no expression.
 */
export function canonicalExpression(expression: string): string {
  let text = tokensOf(expression)
    .map((token) => (token.startsWith("'") ? token : token.replaceAll(/[\s`]/g, '')))
    .join('');
  while (text.startsWith('(') && bracketed(text).rest === '') text = text.slice(1, -1);
  return text === 'tuple()' ? '' : text;
}

/**
 * The arguments of an engine as `system.tables.engine_full` has it, each canonical; none for an
 * engine without brackets. Text literals come without their quotes.
 */
export function engineArguments(engineFull: string): string[] {
  const open = engineFull.match(/^\w+\s*\(/);
  if (open === null) return [];
  return bracketed(engineFull.slice(open[0].length - 1)).parts.map((part) =>
    canonicalExpression(part).replace(RegExp(`^${LITERAL}$`), (text) => text.slice(1, -1)),
  );
}

/** The same as they are written; text literals keep their quotes. */
export function writtenArguments(engineFull: string): string[] {
  const open = engineFull.match(/^\w+\s*\(/);
  if (open === null) return [];
  return bracketed(engineFull.slice(open[0].length - 1)).parts.map((part) => part.trim());
}

/**
 * A table's definition without what replicas need not have in common: a replicated table's path and
 * name, which hold the node's macros.
 */
export const comparableDefinition = (createTable: string): string =>
  createTable.replace(
    RegExp(`((?:Replicated|Shared)\\w*MergeTree\\()${LITERAL},\\s*${LITERAL}`),
    "$1'path', 'replica'",
  );

/** What the bracket at the start of a text holds, cut at its commas, and what follows it. */
function bracketed(text: string): { readonly parts: string[]; readonly rest: string } {
  const tokens = tokensOf(text);
  const close = endOfBracket(tokens, 0);
  const end = close === -1 ? tokens.length : close;
  const parts = cutAtCommas(tokens.slice(1, end)).map((part) => part.join(''));
  return {
    parts: parts.filter((part) => part.trim() !== ''),
    rest: tokens.slice(end + 1).join(''),
  };
}
