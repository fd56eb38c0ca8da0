import type { z } from 'zod';
import { scalar } from '../contract/names.ts';
import { resolve } from '../contract/parameters.ts';
import { boundsInWords, misplacedBounds, outside } from './bounds.ts';
import { tableRule, type FactsPlan, type RuleScope } from './rule.ts';
import { aggregate } from './sql-text.ts';

export const rowCountRule = tableRule(
  'rowCount',
  'The whole table has so many rows, over all shards.',
  {
    min: scalar.optional(),
    max: scalar.optional(),
  },
).superRefine(misplacedBounds);

/** @throws UnknownParameterError */
export function planRowCount(
  { where, ...bounds }: z.infer<typeof rowCountRule>,
  { parameters }: Pick<RuleScope, 'parameters'>,
): FactsPlan {
  const min = bounds.min === undefined ? undefined : resolve(bounds.min, parameters);
  const max = bounds.max === undefined ? undefined : resolve(bounds.max, parameters);
  return {
    on: 'whole',
    expected: `${boundsInWords(min, max)} rows`,
    facts: [aggregate('count', [], where)],
    judge: ([rows]) => ({ ...outside(Number(rows), min, max), observed: `${rows ?? 'no'} rows` }),
    violations: () => [],
    advice: 'Rows are missing, or too many. Load the table again.',
  };
}
