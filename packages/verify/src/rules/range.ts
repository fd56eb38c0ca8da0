import type { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { resolve } from '../contract/parameters.ts';
import { scalar, type Scalar } from '../contract/names.ts';
import { boundsInWords, misplacedBounds } from './bounds.ts';
import { columnRule, type RowPlan, type RuleScope } from './rule.ts';
import { boundLiteral, extent } from './sql-text.ts';

export const rangeRule = columnRule(
  'range',
  'The column lies between the bounds, which belong to it; one of them may be left out.',
  {
    min: scalar.optional(),
    max: scalar.optional(),
  },
).superRefine(misplacedBounds);

/** @throws UnknownParameterError */
export function planRange(
  { column, where, ...bounds }: z.infer<typeof rangeRule>,
  { parameters, table }: Pick<RuleScope, 'parameters' | 'table'>,
): RowPlan {
  const name = quoteName(column);
  const min = bounds.min === undefined ? undefined : resolve(bounds.min, parameters);
  const max = bounds.max === undefined ? undefined : resolve(bounds.max, parameters);
  const bound = (value: Scalar): string => boundLiteral(value, table.columns[column]);
  const conditions = [
    ...(min === undefined ? [] : [`${name} >= ${bound(min)}`]),
    ...(max === undefined ? [] : [`${name} <= ${bound(max)}`]),
  ];
  return {
    on: 'rows',
    expected: boundsInWords(min, max),
    condition: conditions.join(' AND '),
    nullKeeps: true,
    summary: extent(column, where),
  };
}
