/** The pattern of a text literal of ClickHouse's SQL, in quotes. */
export const LITERAL = String.raw`'(?:[^'\\]|\\.|'')*'`;

const NAME = String.raw`[A-Za-z_]\w*`;
const TOKEN = RegExp(
  [
    LITERAL,
    // A name in backquotes or quotes, and a plain one with its parts.
    String.raw`\`(?:[^\`\\]|\\.|\`\`)*\``,
    String.raw`"(?:[^"\\]|\\.|"")*"`,
    `${NAME}(?:\\.${NAME})*`,
    // A number, and any other character by itself.
    String.raw`\w+`,
    '.',
  ].join('|'),
  'gs',
);

/**
 * ClickHouse's SQL in tokens, which put together give it again: literals, quoted names, plain names with
 * their parts (`n.k`), numbers, and every other character by itself.
 */
export const tokensOf = (sql: string): string[] => [...sql.matchAll(TOKEN)].map(([token]) => token);

/** How many brackets are open around each token; those of a bracket itself count as outside of it. */
export function depthsOf(tokens: readonly string[]): number[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token === ')') depth -= 1;
    const own = depth;
    if (token === '(') depth += 1;
    return own;
  });
}

/** The index of the bracket that closes the one at an index. */
export function endOfBracket(tokens: readonly string[], open: number): number {
  const depths = depthsOf(tokens);
  return tokens.findIndex((token, at) => at > open && token === ')' && depths[at] === depths[open]);
}

/** Cuts at the commas outside of all brackets. */
export function cutAtCommas(tokens: readonly string[]): string[][] {
  const depths = depthsOf(tokens);
  const pieces: string[][] = [[]];
  for (const [at, token] of tokens.entries()) {
    if (token === ',' && depths[at] === 0) pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces;
}

/**
 * What stands after a word outside of all brackets, up to the next word that ends it.
 * @param begin the word, whatever its case
 * @param ends the words of which each ends it
 */
export function clauseOf(
  tokens: readonly string[],
  begin: string,
  ends: ReadonlySet<string>,
): readonly string[] {
  const depths = depthsOf(tokens);
  const first = tokens.findIndex((token, at) => depths[at] === 0 && token.toUpperCase() === begin);
  if (first === -1) return [];
  const end = tokens.findIndex(
    (token, at) => at > first && depths[at] === 0 && ends.has(token.toUpperCase()),
  );
  return tokens.slice(first + 1, end === -1 ? undefined : end);
}
