import { expect, test } from 'vitest';
import { countSql, differencesSql, sourceSide, type Comparison } from './comparison-sql.ts';

test('the source gives the columns of the target in its types, and sums with room to grow', () => {
  const given = {
    ...{ day: 'Date', name: 'String', n: 'UInt64', m: 'UInt64', d: 'Decimal(38, 2)' },
    ...{ u: 'AggregateFunction(uniq, UInt32)', left: 'UInt8', s: 'UInt64' },
  };
  const columns = {
    ...{ day: 'Date', name: 'LowCardinality(String)', n: 'UInt32', m: 'UInt32' },
    ...{ d: 'Decimal(12, 2)', u: 'AggregateFunction(uniq, UInt64)' },
    s: 'SimpleAggregateFunction(sum, UInt64)',
  };
  expect(sourceSide('SELECT 1', given, columns, new Set(['n', 'd']))).toBe(
    '(SELECT `day`, CAST(`name` AS LowCardinality(String)) AS `name`, `n`, ' +
      'CAST(`m` AS UInt32) AS `m`, `d`, `u`, `s` FROM (SELECT 1))',
  );
});

const comparison: Comparison = {
  ...{ source: '(SELECT 1)', target: '`a`.`b`', buckets: ['day', 'kind'], where: "day > '2026'" },
  values: [{ name: 'rows', expression: 'count()', float: undefined, tolerance: 1e-9 }],
  zerosVanish: false,
};

test('both sides are read under the same condition and grouped by the same expressions', () => {
  const sql = countSql(comparison);
  expect(sql.match(/WHERE \(day > '2026'\) GROUP BY _bucket_0, _bucket_1/g)).toHaveLength(2);
  expect(sql).toContain('_rows_source != _rows_target OR _differs_0 AS _differs');
  expect(differencesSql(comparison)).toMatch(/ WHERE _differs ORDER BY _bucket_0, _bucket_1$/);
});

test('where rows of zeros vanish, a bucket that is not there is one of zeros', () => {
  const sql = countSql({ ...comparison, zerosVanish: true });
  expect(sql).not.toContain('_rows_source != _rows_target');
  expect(sql).toContain("if(countIf(_side = 1) = 0, '0', maxIf(_text_0, _side = 1)) AS _target_0");
});
