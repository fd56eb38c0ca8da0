import type { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnRule, type RowPlan } from './rule.ts';

export const notNullRule = columnRule(
  'notNull',
  'The column holds a value in each row; an empty text is one.',
  {},
);

export const planNotNull = ({ column }: z.infer<typeof notNullRule>): RowPlan => ({
  on: 'rows',
  expected: 'a value in each row',
  condition: `isNotNull(${quoteName(column)})`,
  nullKeeps: false,
});
