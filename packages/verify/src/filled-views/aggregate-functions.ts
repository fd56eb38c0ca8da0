import { quoteName } from '@provehouse/infra/clickhouse';
import { engineArguments } from '../clickhouse/definition-text.ts';

/** A column's aggregate function, as its type names it. */
export interface TypedAggregate {
  /** Such as `sumIf`. */
  readonly name: string;
  /** Such as `(0.5,0.9)`, or empty. */
  readonly parameters: string;
  /** Whether the column holds states rather than values. */
  readonly state: boolean;
}

/**
 * Functions whose result depends on the set of values alone, however their states are merged. Those on
 * variance lose digits by the order of summation, and sampling ones take another sample.
 * Source: https://clickhouse.com/docs/sql-reference/aggregate-functions/reference
 */
const DETERMINED = RegExp(
  `^(?:${[
    'count|sum|sumWithOverflow|sumCount|min|max|avg|avgWeighted',
    'uniq|uniqExact|uniqCombined|uniqCombined64|uniqHLL12',
    'groupBit(?:And|Or|Xor|mapAnd|mapOr|mapXor|map)',
    String.raw`(?:sum|min|max)Map|sumMapWithOverflow`,
    String.raw`(?:quantiles?|median)(?:Exact\w*|Deterministic|BFloat16\w*)|groupArraySorted`,
  ].join('|')})$`,
);

/** Functions that put values into a list in the order in which they come. */
const LISTS = /^group(?:Uniq)?Array$/;

/** https://clickhouse.com/docs/sql-reference/aggregate-functions/combinators */
const COMBINATOR = /(?:If|Array|Map|Distinct|OrDefault|OrNull|ForEach|Resample|State|Merge)$/;

/** The aggregate function of a column's type; undefined for a column of plain values. */
export function aggregateOf(type: string): TypedAggregate | undefined {
  const state = type.startsWith('AggregateFunction(');
  if (!state && !type.startsWith('SimpleAggregateFunction(')) return undefined;
  // The version of the state's form may stand before the function.
  const [written = ''] = engineArguments(type).filter((argument) => !/^\d+$/.test(argument));
  const [name = ''] = /^\w+/.exec(written) ?? [];
  return { name, parameters: written.slice(name.length), state };
}

/** The type of the values of a SimpleAggregateFunction, or the type itself. */
export const valueType = (type: string): string =>
  /^SimpleAggregateFunction\(\w+(?:\([^()]*\))?,\s*(.*)\)$/s.exec(type)?.[1] ?? type;

/**
 * The expression that merges the values or states of a column, such as that its result does not depend on
 * the order of merging; undefined where the function has no such result.
 */
export function mergingExpression(
  column: string,
  { name, parameters, state }: TypedAggregate,
): string | undefined {
  const merged = `${name}${state ? 'Merge' : ''}${parameters}(${quoteName(column)})`;
  for (let base = name; ; base = base.replace(COMBINATOR, '')) {
    if (DETERMINED.test(base)) return merged;
    if (LISTS.test(base)) return parameters === '' ? `arraySort(${merged})` : undefined;
    if (!COMBINATOR.test(base)) return undefined;
  }
}
