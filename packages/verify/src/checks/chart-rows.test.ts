import { expect, test } from 'vitest';
import { bothSides, describeDifference, isSame } from './chart-rows.ts';

test('the order of rows and columns, text for numbers, and the last digits of sums are no difference', () => {
  expect(
    isSame(
      [
        { day: 'a', rows: '10' },
        { day: 'b', rows: 0.1 + 0.2 },
      ],
      [
        { rows: 0.3, day: 'b' },
        { rows: 10, day: 'a' },
      ],
    ),
  ).toBe(true);
});

test.each([
  ['another number', [{ n: 1 }], [{ n: 2 }]],
  [
    'the last digit of a large count',
    [{ n: 9_007_199_254_740_990 }],
    [{ n: 9_007_199_254_740_991 }],
  ],
  ['a row twice', [{ n: 1 }], [{ n: 1 }, { n: 1 }]],
  ['no row', [{ n: 1 }], []],
  ['another column', [{ n: 1 }], [{ m: 1 }]],
  ['digits that are no number', [{ n: '007' }], [{ n: '7' }]],
  ['nothing for an empty text', [{ n: '' }], [{ n: null }]],
])('%s is a difference', (_, there, shown) => {
  expect(isSame(there, shown)).toBe(false);
});

test('a difference is described by what only one side has', () => {
  const [there, shown] = [
    [{ n: 1 }, { n: 2 }],
    [{ n: 2 }, { n: 3 }],
  ];
  expect(describeDifference(there, shown)).toBe(
    '2 rows where ClickHouse has 2, 1 of them others, such as {"n":3}',
  );
  expect(bothSides(there, shown, 'Superset')).toEqual([
    { by: 'ClickHouse', row: '{"n":1}' },
    { by: 'Superset', row: '{"n":3}' },
  ]);
});
