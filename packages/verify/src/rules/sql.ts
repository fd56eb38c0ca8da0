import { z } from 'zod';
import { scalar } from '../contract/names.ts';
import { resolve } from '../contract/parameters.ts';
import { boundsInWords, misplacedBounds, numeric, outside } from './bounds.ts';
import { queryRule, type FactsPlan, type RuleScope } from './rule.ts';
import { literal } from './sql-text.ts';

/** A SELECT without a semicolon at its end. */
export const query = z
  .string()
  .regex(/^\s*(SELECT|WITH)\b/i, 'expected a SELECT')
  .refine((text) => !text.trimEnd().endsWith(';'), 'expected no semicolon at the end');

export const sqlRule = queryRule(
  'sql',
  'The rows of a query break the rule; or, with bounds, its only value lies within them.',
  {
    query,
    min: scalar.optional(),
    max: scalar.optional(),
  },
).superRefine((rule, context) => {
  if (rule.min !== undefined || rule.max !== undefined) misplacedBounds(rule, context);
});

/** Inside of brackets nothing but a SELECT can run; a comment at its end ends with its line. */
export const inBrackets = (text: string): string => `(\n${text}\n)`;

/** @throws UnknownParameterError */
export function planSql(
  rule: z.infer<typeof sqlRule>,
  { parameters }: Pick<RuleScope, 'parameters'>,
): FactsPlan {
  const min = rule.min === undefined ? undefined : numeric(resolve(rule.min, parameters));
  const max = rule.max === undefined ? undefined : numeric(resolve(rule.max, parameters));
  if (min === undefined && max === undefined) {
    return {
      on: 'whole',
      expected: 'no row',
      from: inBrackets(rule.query),
      facts: ['count()'],
      judge: ([rows]) => ({
        broken: Number(rows),
        of: Number(rows),
        observed: `${rows} rows`,
      }),
      violations: () => [{ title: 'Rows that break the rule', sql: rule.query }],
    };
  }
  return {
    on: 'whole',
    expected: `a value ${boundsInWords(min, max)}`,
    from: `(SELECT ${inBrackets(rule.query)} AS _value)`,
    facts: [
      'any(_value)',
      min === undefined ? '0' : `any(_value < ${literal(min)})`,
      max === undefined ? '0' : `any(_value > ${literal(max)})`,
    ],
    judge: ([value, below, above]) => {
      if (value === null || value === undefined) return { unknown: 'The query gives no value.' };
      const { broken, of } = outside(Number(value), min, max);
      const wrong = below === '1' || above === '1' || value === 'nan';
      return { broken: wrong ? Math.max(broken, Number.MIN_VALUE) : 0, of, observed: value };
    },
    violations: () => [{ title: 'What the query gives', sql: rule.query }],
  };
}
