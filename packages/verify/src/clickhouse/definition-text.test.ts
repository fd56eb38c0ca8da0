import { expect, test } from 'vitest';
import { canonicalExpression, comparableDefinition, engineArguments } from './definition-text.ts';

test.each([
  ['toYYYYMM( created_at )', 'toYYYYMM(created_at)'],
  ['(a, `b`)', 'a,b'],
  ['((id))', 'id'],
  ['(a) + (b)', '(a)+(b)'],
  ['tuple()', ''],
  ["concat(a, ' ) ')", "concat(a,' ) ')"],
  ["(a, '\\') b')", "a,'\\') b'"],
])('%s is the same as %s', (typed, canonical) => {
  expect(canonicalExpression(typed)).toBe(canonical);
});

test.each([
  [
    "Distributed('dwh', 'db', 'a, (b', cityHash64(id, x)) SETTINGS y = (1)",
    ['dwh', 'db', 'a, (b', 'cityHash64(id,x)'],
  ],
  ['Distributed(dwh, db, table, id)', ['dwh', 'db', 'table', 'id']],
  ['MergeTree ORDER BY (a, b)', []],
  ['MergeTree() ORDER BY a', []],
])('the arguments of %s', (engine, found) => {
  expect(engineArguments(engine)).toEqual(found);
});

test('replicated definitions that differ by macros alone are the same', () => {
  const definition = (path: string, replica: string, version: string) =>
    `CREATE TABLE t (\`a\` Int8) ENGINE = ReplicatedReplacingMergeTree('${path}', '${replica}', ${version}) ORDER BY a`;
  const first = comparableDefinition(definition('/tables/01/t', '01', 'v'));
  expect(comparableDefinition(definition('/tables/02/t', '{replica}', 'v'))).toBe(first);
  expect(comparableDefinition(definition('/tables/01/t', '01', 'w'))).not.toBe(first);
});
