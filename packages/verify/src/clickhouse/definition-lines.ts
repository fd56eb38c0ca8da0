import { tokensOf } from './sql-tokens.ts';

/** What may stand before JOIN. */
const JOIN_WORD = '(?:LEFT|RIGHT|INNER|FULL|CROSS|ANY|ALL|ASOF|GLOBAL|OUTER|SEMI|ANTI) ';
const IN_JOIN = RegExp(`^(?:${JOIN_WORD})+$`);
/** Words that begin a clause. */
const CLAUSE = RegExp(
  String.raw`^(?:ENGINE|PARTITION BY|PRIMARY KEY|ORDER BY|SAMPLE BY|TTL|SETTINGS|COMMENT|TO|REFRESH|DEFINER =|SQL SECURITY|AS (?:SELECT|WITH)|FROM|(?:${JOIN_WORD})*JOIN|PREWHERE|WHERE|GROUP BY|HAVING|LIMIT|UNION|SOURCE|LIFETIME|LAYOUT|RANGE)(?!\w)`,
);
const CLAUSE_LENGTH = 60;
const INDENT = '    ';

/**
 * A definition as `system.tables.create_table_query` has it, which is one line, in lines: one for each
 * column and one for each clause. Definitions that are equal stay so, and no others become equal.
 */
export function definitionLines(definition: string): string {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  let columnsEnded = false;
  const end = (next = ''): void => {
    lines.push(line.trimEnd());
    line = next;
  };
  let at = 0;
  for (const token of tokensOf(definition)) {
    const following = definition.slice(at, at + CLAUSE_LENGTH);
    at += token.length;
    const begins = depth === 0 && line.endsWith(' ') && !IN_JOIN.test(line);
    if (begins && CLAUSE.test(following)) end();
    if (token === ')') depth -= 1;
    if (token === ')' && depth === 0 && !columnsEnded) {
      columnsEnded = true;
      end();
    }
    // A new line has its own indentation.
    if (token !== ' ' || line !== INDENT) line += token;
    if (token === '(') depth += 1;
    const columns = depth === 1 && !columnsEnded;
    if (columns && (token === '(' || token === ',')) end(INDENT);
  }
  end();
  return lines.join('\n');
}
