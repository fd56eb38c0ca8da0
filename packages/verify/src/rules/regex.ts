import { RE2JS } from 're2js';
import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import { columnRule, type RowPlan } from './rule.ts';

/**
 * A regular expression in RE2's syntax, which ClickHouse uses: it has neither look-around nor back
 * references. Source: https://github.com/google/re2/wiki/Syntax
 */
const pattern = z.string().superRefine((text, context) => {
  try {
    RE2JS.compile(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    context.addIssue({ code: 'custom', message: `RE2 does not take this pattern: ${said}` });
  }
});

export const regexRule = columnRule(
  'regex',
  'The pattern is found in each text; `^` and `$` in it bind it to the whole.',
  { pattern },
);

export const planRegex = ({ column, pattern: text }: z.infer<typeof regexRule>): RowPlan => ({
  on: 'rows',
  expected: `matches ${text}`,
  // Source: https://clickhouse.com/docs/sql-reference/functions/string-search-functions#match
  condition: `match(${quoteName(column)}, ${quoteText(text)})`,
  nullKeeps: true,
});
