import { expect, test } from 'vitest';
import { columnsIn, replaceColumns } from './expression-columns.ts';

const COLUMNS = new Set(['id', 'user id', 'order', 'cityHash64', 'n', 'n.k', 'e1']);

test.each([
  ['cityHash64(id)', ['id']],
  ['cityHash64 (id, `user id`, "order")', ['id', 'user id', 'order']],
  [`cityHash64(concat('id', 'it''s \\' n'), order)`, ['order']],
  ['toInt32(id) * 7 + id', ['id']],
  ['cityHash64(n.k) + intHash32(n.v)', ['n.k', 'n']],
  ['cityHash64 + 1e1 + identity(ids)', ['cityHash64']],
  ['rand()', []],
])('%s mentions %j', (expression, columns) => {
  expect(columnsIn(expression, COLUMNS)).toEqual(columns);
});

test('only what is a column is replaced', () => {
  const cast = (column: string): string => `CAST(\`${column}\`, 'Int32')`;
  expect(replaceColumns(`cityHash64("user id", 'id') % 2 + n.v`, COLUMNS, cast)).toBe(
    "cityHash64(CAST(`user id`, 'Int32'), 'id') % 2 + CAST(`n`, 'Int32').v",
  );
});
