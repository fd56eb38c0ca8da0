import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnRule, type RowPlan } from './rule.ts';
import { literal } from './sql-text.ts';

export const setRule = columnRule('set', 'The column holds nothing but these values.', {
  values: z.array(z.union([z.string(), z.number(), z.bigint(), z.boolean()])).min(1),
});

export const planSet = ({ column, values }: z.infer<typeof setRule>): RowPlan => ({
  on: 'rows',
  expected: `one of ${values.map(String).join(', ')}`,
  condition: `${quoteName(column)} IN (${values.map(literal).join(', ')})`,
  nullKeeps: true,
});
