import type { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { columnName, tableReference } from '../contract/names.ts';
import { columnRule, type RowPlan, type RuleScope } from './rule.ts';

export const referenceRule = columnRule(
  'reference',
  'Each value occurs in a column of another table, on whichever node.',
  { table: tableReference, key: columnName },
);

export const planReference = (
  { column, table, key }: z.infer<typeof referenceRule>,
  { whole }: Pick<RuleScope, 'whole'>,
): RowPlan => ({
  on: 'rows',
  expected: `a value of ${table}.${key}`,
  condition: `${quoteName(column)} IN (SELECT ${quoteName(key)} FROM ${whole(table)})`,
  nullKeeps: true,
  readsElsewhere: true,
});
