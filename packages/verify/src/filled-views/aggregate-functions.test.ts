import { expect, test } from 'vitest';
import { aggregateOf, mergingExpression, valueType } from './aggregate-functions.ts';

const merging = (type: string): string | undefined => {
  const aggregate = aggregateOf(type);
  return aggregate === undefined ? 'no aggregate' : mergingExpression('a', aggregate);
};

test.each([
  ['AggregateFunction(count)', 'countMerge(`a`)'],
  ['AggregateFunction(uniq, UInt64)', 'uniqMerge(`a`)'],
  ['AggregateFunction(sumIf, Decimal(12, 2), UInt8)', 'sumIfMerge(`a`)'],
  ['AggregateFunction(uniqExactArrayIf, Array(String), UInt8)', 'uniqExactArrayIfMerge(`a`)'],
  ['AggregateFunction(avgOrNull, Nullable(Float64))', 'avgOrNullMerge(`a`)'],
  ['AggregateFunction(quantilesExact(0.5, 0.9), Float64)', 'quantilesExactMerge(0.5,0.9)(`a`)'],
  ['AggregateFunction(1, sumMap, Map(String, UInt64))', 'sumMapMerge(`a`)'],
  ['AggregateFunction(groupUniqArray, String)', 'arraySort(groupUniqArrayMerge(`a`))'],
  ['SimpleAggregateFunction(sum, UInt64)', 'sum(`a`)'],
  ["SimpleAggregateFunction(max, DateTime('UTC'))", 'max(`a`)'],
  ['SimpleAggregateFunction(groupArrayArray, Array(String))', 'arraySort(groupArrayArray(`a`))'],
  ['UInt64', 'no aggregate'],
])('%s is merged by %s', (type, expression) => {
  expect(merging(type)).toBe(expression);
});

test.each([
  'AggregateFunction(quantile(0.5), Float64)',
  'AggregateFunction(quantilesTDigest(0.5, 0.9), Float64)',
  'AggregateFunction(argMax, Float64, DateTime)',
  'AggregateFunction(sumArgMax, Float64, DateTime)',
  'AggregateFunction(anyLast, String)',
  'AggregateFunction(topK(3), String)',
  'AggregateFunction(groupArray(10), String)',
  'AggregateFunction(varSamp, Float64)',
  'SimpleAggregateFunction(any, String)',
])('%s depends on the order of rows', (type) => {
  expect(merging(type)).toBeUndefined();
});

test('the type of plain values is found below a function', () => {
  expect(valueType("SimpleAggregateFunction(anyLast, Enum8('a, b' = 1))")).toBe(
    "Enum8('a, b' = 1)",
  );
  expect(valueType('SimpleAggregateFunction(sum, Decimal(38, 2))')).toBe('Decimal(38, 2)');
  expect(valueType('Tuple(a String)')).toBe('Tuple(a String)');
});
