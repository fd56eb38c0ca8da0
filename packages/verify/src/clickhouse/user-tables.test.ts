import { expect, test } from 'vitest';
import { userTablesIn } from './user-tables.ts';

const ID = '659f3e04-3a46-4c57-a9f3-af439830fbae';
const names = (...rows: readonly Readonly<Record<string, unknown>>[]) =>
  userTablesIn(rows.map((row) => ({ database: 'd', ...row }))).map((table) => table.commonName);

test('a table that a view made is called after the view, with the part that it holds', () => {
  const rows = [
    { name: 'v', uuid: ID },
    { name: `.inner_id.${ID}` },
    { name: `.inner_id.tags.${ID}` },
  ];
  expect(names(...rows)).toEqual(['v', '.inner.v', '.inner.tags.v']);
});

test('tables of old servers, which have no UUIDs, keep their names', () => {
  expect(names({ name: 'a' }, { name: 'b' }, { name: '.inner.v' })).toEqual(['a', 'b', '.inner.v']);
});

test('what a server makes for a moment is left out', () => {
  expect(names({ name: `.tmp.inner_id.${ID}` }, { name: '_tmp_replace_1' }, { name: 'a' })).toEqual(
    ['a'],
  );
});
