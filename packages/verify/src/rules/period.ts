import { z } from 'zod';
import { quoteName, quoteText } from '@provehouse/infra/clickhouse';
import { scalar } from '../contract/names.ts';
import { resolve } from '../contract/parameters.ts';
import { columnRule, type RowPlan, type RuleScope } from './rule.ts';
import { extent } from './sql-text.ts';

export const periodRule = columnRule(
  'period',
  'The time lies within the days before the start of the day `until`, which itself belongs to it.',
  { days: z.int().positive(), until: scalar },
);

/** @throws UnknownParameterError */
export function planPeriod(
  { column, days, until, where }: z.infer<typeof periodRule>,
  { parameters }: Pick<RuleScope, 'parameters'>,
): RowPlan {
  const day = resolve(until, parameters);
  // A day begins at midnight UTC, whatever time zone the server shows times in.
  const end = `toDateTime(${quoteText(`${day} 00:00:00`)}, 'UTC')`;
  const name = quoteName(column);
  return {
    on: 'rows',
    expected: `within the ${days} days before ${day} 00:00 UTC`,
    condition: `${name} >= ${end} - toIntervalDay(${days}) AND ${name} <= ${end}`,
    nullKeeps: true,
    summary: extent(column, where),
  };
}
