import { expect, test } from 'vitest';
import { withoutLiterals } from './without-literals.ts';

test.each([
  ["CREATE USER u IDENTIFIED BY 's3cret'", "CREATE USER u IDENTIFIED BY '…'"],
  ["SELECT f('a', 's3cret')", "SELECT f('…', '…')"],
  [String.raw`SELECT 'a\'s3cret', 'b'`, "SELECT '…', '…'"],
  [String.raw`SELECT 'a\\', 's3cret'`, "SELECT '…', '…'"],
  ["SELECT 'a''s3cret'", "SELECT '…'"],
  ["SELECT 'two\ns3cret lines'", "SELECT '…'"],
  ["Table t doesn't exist in: SELECT 's3cret'", "Table t doesn't exist in: SELECT '…'"],
  ["Syntax error: 's3cr", "Syntax error: '…'"],
  ['CREATE TABLE t (id UInt8)', 'CREATE TABLE t (id UInt8)'],
])('%s', (text, shown) => {
  expect(withoutLiterals(text)).toBe(shown);
});
