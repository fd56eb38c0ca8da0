import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnName } from '../contract/names.ts';
import { tableRule, type FactsPlan } from './rule.ts';
import { aggregate, both, whereClause } from './sql-text.ts';

export const uniqueRule = tableRule(
  'unique',
  'No two rows of the whole table have the same values in these columns; NULL equals nothing.',
  { columns: z.array(columnName).min(1) },
);

export function planUnique({ columns, where }: z.infer<typeof uniqueRule>): FactsPlan {
  const keys = columns.map(quoteName);
  const whole = both(where, ...keys.map((key) => `isNotNull(${key})`));
  const list = keys.join(', ');
  return {
    on: 'whole',
    expected: 'each key once',
    facts: [aggregate('count', [], whole), aggregate('uniqExact', keys, whole)],
    judge: ([rows, different]) => ({
      broken: Number(rows) - Number(different),
      of: Number(rows),
      observed: `${rows} rows, ${different} different keys`,
    }),
    violations: (table) => [
      {
        title: 'Keys that occur more than once',
        sql: `SELECT ${list}, count() AS ${quoteName('how many times')} FROM ${table}${whereClause(whole)}
       GROUP BY ${list} HAVING count() > 1 ORDER BY count() DESC, ${list}`,
      },
    ],
    advice: 'Rows were loaded twice. Delete the repetitions, or load the table again.',
  };
}
