import { clauseOf, cutAtCommas, endOfBracket, tokensOf } from './sql-tokens.ts';

/** A TTL of a table's definition that takes rows or values away. */
export interface Ttl {
  /** Of a column: its values become the default. Absent: rows go. */
  readonly column?: string;
  /** As the definition has it, such as `created_at + toIntervalDay(30) WHERE id > 3`. */
  readonly text: string;
}

/** What ends the TTL of a table or a column. */
const ENDS: ReadonlySet<string> = new Set(
  'SETTINGS COMMENT PRIMARY SAMPLE ORDER PARTITION CODEC STATISTICS'.split(' '),
);
/** A TTL that moves parts, or compresses them in another way. */
const KEEPS_ROWS = /\b(TO\s+(DISK|VOLUME)|RECOMPRESS)\b/i;

/**
 * The TTLs that a CREATE TABLE, as `system.tables` has it, gives to rows and columns; those that move or
 * recompress are left out.
 * Syntax: https://clickhouse.com/docs/engines/table-engines/mergetree-family/mergetree#table_engine-mergetree-ttl
 */
export function ttlsOf(createTable: string): Ttl[] {
  const tokens = tokensOf(createTable);
  const open = tokens.indexOf('(');
  const close = endOfBracket(tokens, open);
  const columns = cutAtCommas(tokens.slice(open + 1, close)).flatMap((item): Ttl[] => {
    const [name = ''] = item.filter((token) => token.trim() !== '');
    const text = clause(item);
    // Indices, projections and constraints begin with a word.
    return name.startsWith('`') && text !== '' ? [{ column: name.slice(1, -1), text }] : [];
  });
  return [...columns, ...elements(clauseOf(tokens.slice(close + 1), 'TTL', ENDS))];
}

/** The elements of a table's TTL; commas after GROUP BY belong to the element. */
function elements(tokens: readonly string[]): Ttl[] {
  const parts: string[] = [];
  for (const part of cutAtCommas(tokens).map((piece) => piece.join('').trim())) {
    const last = parts.at(-1);
    if (last !== undefined && /\bGROUP BY\b/i.test(last))
      parts.push(`${parts.pop() ?? ''}, ${part}`);
    else if (part !== '') parts.push(part);
  }
  return parts.filter((text) => !KEEPS_ROWS.test(text)).map((text) => ({ text }));
}

const clause = (tokens: readonly string[]): string => clauseOf(tokens, 'TTL', ENDS).join('').trim();
