import { z } from 'zod';
import { quoteName } from '@provehouse/infra/clickhouse';
import { scalar, type Scalar } from '../contract/names.ts';
import { resolve } from '../contract/parameters.ts';
import { boundsInWords, misplacedBounds, numeric, outside } from './bounds.ts';
import { columnRule, type FactsPlan, type RuleScope } from './rule.ts';
import { aggregate, boundLiteral } from './sql-text.ts';

/** ClickHouse's functions; those of the contract are exact. */
const FUNCTIONS = {
  sum: 'sum',
  average: 'avg',
  min: 'min',
  max: 'max',
  deviation: 'stddevPop',
  median: 'quantileExact',
  quantile: 'quantileExact',
  distinct: 'uniqExact',
} as const;

/** Those that are Decimals of Decimals. */
const OF_COLUMN_TYPE: ReadonlySet<string> = new Set(['sum', 'min', 'max', 'median', 'quantile']);

const functionName = z.enum(
  Object.keys(FUNCTIONS) as [keyof typeof FUNCTIONS, ...(keyof typeof FUNCTIONS)[]],
);

export const aggregateRule = columnRule(
  'aggregate',
  'An aggregate over the column of the whole table lies within bounds, which belong to it.',
  {
    function: functionName,
    /** The level of a quantile. */
    level: z.number().min(0).max(1).optional(),
    min: scalar.optional(),
    max: scalar.optional(),
  },
)
  .superRefine(misplacedBounds)
  .superRefine(({ function: name, level }, context) => {
    if ((name === 'quantile') === (level !== undefined)) return;
    const message =
      name === 'quantile' ? 'a quantile needs its level' : `${name} has no level; a quantile has`;
    context.addIssue({ code: 'custom', path: level === undefined ? [] : ['level'], message });
  });

/** @throws UnknownParameterError */
export function planAggregate(
  { column, function: name, level, where, ...bounds }: z.infer<typeof aggregateRule>,
  { parameters, table }: Pick<RuleScope, 'parameters' | 'table'>,
): FactsPlan {
  const min = bounds.min === undefined ? undefined : numeric(resolve(bounds.min, parameters));
  const max = bounds.max === undefined ? undefined : numeric(resolve(bounds.max, parameters));
  const ofLevel = FUNCTIONS[name] === 'quantileExact' ? `(${level ?? 0.5})` : '';
  const value = aggregate(FUNCTIONS[name], [quoteName(column)], where, ofLevel);
  const values = aggregate('count', [quoteName(column)], where);
  const type = OF_COLUMN_TYPE.has(name) ? table.columns[column] : undefined;
  const bound = (limit: Scalar): string => boundLiteral(limit, type);
  const called = level === undefined ? name : `${name} ${level}`;
  return {
    on: 'whole',
    expected: `${called} ${boundsInWords(min, max)}`,
    facts: [
      value,
      values,
      // The server compares, so that no digit of a sum is lost.
      min === undefined ? '0' : `${value} < ${bound(min)}`,
      max === undefined ? '0' : `${value} > ${bound(max)}`,
    ],
    judge: ([found, count, below, above]) => {
      if (found === null || found === undefined || (Number(count) === 0 && name !== 'distinct')) {
        return { unknown: 'There is no value to take it of. Load the table first.' };
      }
      const observed = `${called} ${found} of ${count} values`;
      const { broken, of } = outside(Number(found), min, max);
      if (below === '1' || above === '1') {
        return { broken: Math.max(broken, Number.MIN_VALUE), of, observed };
      }
      return { broken: found === 'nan' ? Infinity : 0, of, observed };
    },
    violations: () => [],
  };
}
