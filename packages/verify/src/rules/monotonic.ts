import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnName } from '../contract/names.ts';
import { columnRule, type FactsPlan, type ImpossiblePlan, type RuleScope } from './rule.ts';
import { both, whereClause } from './sql-text.ts';

/** The function that this rule cannot do without. */
export const PREVIOUS_ROW = 'lagInFrame';
/** A call by which a server shows that it has it. */
export const PREVIOUS_ROW_CALL = `${PREVIOUS_ROW}(1) OVER ()`;

export const monotonicRule = columnRule(
  'monotonic',
  'The column does not go back from row to row, in the order of another one.',
  {
    by: columnName,
    /** Each group by itself. */
    groupBy: z.array(columnName).min(1).optional(),
    order: z.enum(['increasing', 'decreasing']).optional(),
    /** Whether a value may not stay the same either. */
    strict: z.boolean().optional(),
  },
);

/** Rows with equal `by` are in no order of their own, so the column itself orders them. */
export function planMonotonic(
  rule: z.infer<typeof monotonicRule>,
  { functions, table, whole }: Pick<RuleScope, 'functions' | 'table' | 'whole'>,
): FactsPlan | ImpossiblePlan {
  const { order = 'increasing', strict = false, groupBy = [] } = rule;
  const [column, by] = [quoteName(rule.column), quoteName(rule.by)];
  const expected = `${strict ? 'strictly ' : ''}${order} by ${rule.by}${groupBy.length === 0 ? '' : ` for each ${groupBy.join(', ')}`}`;
  if (!functions.has(PREVIOUS_ROW)) {
    return { on: 'nothing', expected, reason: 'The server has no window functions.' };
  }
  const groups = groupBy.map(quoteName);
  const direction = order === 'increasing' ? 'ASC' : 'DESC';
  const partition = groups.length === 0 ? '' : `PARTITION BY ${groups.join(', ')} `;
  // Source: https://clickhouse.com/docs/sql-reference/window-functions/lagInFrame
  const previous = `lagInFrame(toNullable(${column})) OVER (${partition}ORDER BY ${by}, ${column} ${direction}
         ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`;
  const rows = whereClause(both(rule.where, `isNotNull(${column})`));
  const shown = [...groups, by, column].join(', ');
  const from = (of: string): string =>
    `(SELECT ${shown}, ${previous} AS _previous FROM ${of}${rows})`;
  const comparison = `${order === 'increasing' ? '<' : '>'}${strict ? '' : '='}`;
  const broken = `NOT ifNull(_previous ${comparison} ${column}, 1)`;
  return {
    on: 'whole',
    expected,
    from: from(`${whole(table.name)}${rule.final === true ? ' FINAL' : ''}`),
    facts: ['count()', `countIf(${broken})`],
    judge: ([count, back]) => ({
      broken: Number(back),
      of: Number(count),
      observed: `${back} of ${count} rows break it`,
    }),
    violations: (of) => [
      {
        title: 'Rows that go back, with the value before',
        sql: `SELECT * FROM ${from(of)} WHERE ${broken} ORDER BY ${by}`,
      },
    ],
  };
}
