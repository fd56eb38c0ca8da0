/** A TTL of a table's definition that takes rows or values away. */
export interface Ttl {
  /** Of a column: its values become the default. Absent: rows go. */
  readonly column?: string;
  /** As the definition has it, such as `created_at + toIntervalDay(30) WHERE id > 3`. */
  readonly text: string;
}

const TOKEN = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\w+|\s+|[^]/gs;
/** What ends the TTL of a table or a column. */
const END = /^(SETTINGS|COMMENT|PRIMARY|SAMPLE|ORDER|PARTITION|CODEC|STATISTICS)$/i;
/** A TTL that moves parts, or compresses them in another way. */
const KEEPS_ROWS = /\b(TO\s+(DISK|VOLUME)|RECOMPRESS)\b/i;

/**
 * The TTLs that a CREATE TABLE, as `system.tables` has it, gives to rows and columns; those that move or
 * recompress are left out.
 * Syntax: https://clickhouse.com/docs/engines/table-engines/mergetree-family/mergetree#table_engine-mergetree-ttl
 */
export function ttlsOf(createTable: string): Ttl[] {
  const tokens = [...createTable.matchAll(TOKEN)].map(([token]) => token);
  const open = tokens.indexOf('(');
  const close = endOfBracket(tokens, open);
  const columns = cut(tokens.slice(open + 1, close)).flatMap((item): Ttl[] => {
    const [name = ''] = item.filter((token) => token.trim() !== '');
    const text = clause(item);
    // Indices, projections and constraints begin with a word.
    return name.startsWith('`') && text !== '' ? [{ column: name.slice(1, -1), text }] : [];
  });
  return [...columns, ...elements(clauseTokens(tokens.slice(close + 1)))];
}

/** The elements of a table's TTL; commas after GROUP BY belong to the element. */
function elements(tokens: readonly string[]): Ttl[] {
  const parts: string[] = [];
  for (const part of cut(tokens).map((piece) => piece.join('').trim())) {
    const last = parts.at(-1);
    if (last !== undefined && /\bGROUP BY\b/i.test(last))
      parts.push(`${parts.pop() ?? ''}, ${part}`);
    else if (part !== '') parts.push(part);
  }
  return parts.filter((text) => !KEEPS_ROWS.test(text)).map((text) => ({ text }));
}

const clause = (tokens: readonly string[]): string => clauseTokens(tokens).join('').trim();

/** What stands after the word TTL outside of all brackets, up to the next clause. */
function clauseTokens(tokens: readonly string[]): readonly string[] {
  const depths = depthsOf(tokens);
  const begin = tokens.findIndex((token, at) => depths[at] === 0 && /^TTL$/i.test(token));
  if (begin === -1) return [];
  const end = tokens.findIndex((token, at) => at > begin && depths[at] === 0 && END.test(token));
  return tokens.slice(begin + 1, end === -1 ? undefined : end);
}

/** Cuts at the commas outside of all brackets. */
function cut(tokens: readonly string[]): string[][] {
  const depths = depthsOf(tokens);
  const pieces: string[][] = [[]];
  for (const [at, token] of tokens.entries()) {
    if (token === ',' && depths[at] === 0) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}

function depthsOf(tokens: readonly string[]): number[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token === ')') depth -= 1;
    const own = depth;
    if (token === '(') depth += 1;
    return own;
  });
}

function endOfBracket(tokens: readonly string[], open: number): number {
  const depths = depthsOf(tokens);
  return tokens.findIndex((token, at) => at > open && token === ')' && depths[at] === depths[open]);
}
