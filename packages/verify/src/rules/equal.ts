import type { z } from 'zod';
import { queryRule, type FactsPlan } from './rule.ts';
import { inBrackets, query } from './sql.ts';

export const equalRule = queryRule('equal', 'Two queries give the same rows, in any order.', {
  left: query,
  right: query,
});

/**
 * The server counts each row of one query up and of the other down: what is not 0 differs. Rows are
 * compared as text, because not all types of numbers have a common one.
 */
export function planEqual({ left, right }: z.infer<typeof equalRule>): FactsPlan {
  const side = (text: string, sign: number): string =>
    `SELECT toString(tuple(*)) AS _row, toInt64(${sign}) AS _side FROM ${inBrackets(text)}`;
  const from = `(SELECT _row, sum(_side) AS _surplus, count() AS _rows
       FROM (${side(left, 1)} UNION ALL ${side(right, -1)}) GROUP BY _row)`;
  return {
    on: 'whole',
    expected: 'the same rows from both queries',
    from,
    facts: ['sum(_rows)', 'sum(abs(_surplus))'],
    judge: ([rows, different]) => ({
      broken: Number(different),
      of: Number(rows),
      observed: `${different} of ${rows} rows are in one of them only`,
    }),
    violations: () => [
      {
        title: 'Rows of one query only: left above 0, right below',
        sql: `SELECT _row AS row, _surplus AS surplus FROM ${from} WHERE _surplus != 0 ORDER BY _row`,
      },
    ],
  };
}
