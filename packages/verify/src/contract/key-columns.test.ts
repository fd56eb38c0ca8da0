import { expect, test } from 'vitest';
import { keyColumns } from './key-columns.ts';

test.each([
  ['id', ['id']],
  ['(id, toYYYYMM(`created_at`))', ['id', 'created_at']],
  ["cityHash64(concat(a, ', b'), n.k) % 7", ['a', 'n.k']],
  ['tuple()', []],
  ['toStartOfInterval(ts, INTERVAL 1 HOUR)', []],
  ['arrayMap(x -> x, a)', []],
])('%s names %j', (expression, columns) => {
  expect(keyColumns(expression)).toEqual(columns);
});
