import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { boundsInWords, misplacedBounds } from './bounds.ts';
import { columnRule, type RowPlan, type RuleScope } from './rule.ts';

const size = z.int().min(0).optional();

export const lengthRule = columnRule(
  'length',
  'Each text has so many characters, each array or map so many elements.',
  { min: size, max: size },
).superRefine(misplacedBounds);

export function planLength(
  { column, min, max }: z.infer<typeof lengthRule>,
  { table }: Pick<RuleScope, 'table'>,
): RowPlan {
  const elements = /^(Array|Map|Nested)\(/.test(table.columns[column] ?? '');
  const length = `${elements ? 'length' : 'lengthUTF8'}(${quoteName(column)})`;
  const conditions = [
    ...(min === undefined ? [] : [`${length} >= ${min}`]),
    ...(max === undefined ? [] : [`${length} <= ${max}`]),
  ];
  return {
    on: 'rows',
    expected: `${boundsInWords(min, max)} ${elements ? 'elements' : 'characters'}`,
    condition: conditions.join(' AND '),
    nullKeeps: true,
    summary: `concat(toString(min(${length})), ' … ', toString(max(${length})))`,
  };
}
