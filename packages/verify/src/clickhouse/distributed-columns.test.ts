import { expect, test } from 'vitest';
import { distributedColumnDifferences } from './distributed-columns.ts';

const below = {
  exactColumns: true,
  columns: {
    id: 'UInt64',
    v: "String DEFAULT concat('x', toString(id))",
    kind: "Enum8('on DEFAULT' = 1)",
    up: 'String MATERIALIZED upper(v)',
    low: 'String ALIAS lower(v)',
    raw: 'String EPHEMERAL',
  },
};
const plain = (columns: Readonly<Record<string, string>>) =>
  Object.entries(columns).map(([name, type]) => ({
    ...{ name, type, default_type: '', default_expression: '' },
  }));
const PLAIN = { v: 'String', id: 'UInt64', kind: "Enum8('on DEFAULT' = 1)" };

test('plain columns, without those that the table below computes, fit in any order', () => {
  expect(distributedColumnDifferences(below, plain(PLAIN))).toEqual([]);
});

test('computed columns that it has must be of their types', () => {
  const found = plain({ ...PLAIN, up: 'String', low: 'UInt8' });
  expect(distributedColumnDifferences(below, found)).toEqual([
    { part: 'column low', expected: 'String', observed: 'UInt8' },
  ]);
});

test('a column too few, of another type or too many does not fit', () => {
  const found = plain({ id: 'UInt32', kind: PLAIN.kind, note: 'String' });
  expect(distributedColumnDifferences(below, found)).toEqual([
    { part: 'column id', expected: 'UInt64', observed: 'UInt32' },
    { part: 'column v', expected: 'String', observed: 'none' },
    { part: 'column note', expected: 'none', observed: 'String' },
  ]);
});

test('further columns fit where the contract does not name all', () => {
  const found = plain({ ...PLAIN, note: 'String' });
  expect(distributedColumnDifferences({ ...below, exactColumns: false }, found)).toEqual([]);
});
