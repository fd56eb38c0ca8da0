import { expect, test } from 'vitest';
import { evidenceCsv } from './csv.ts';

test('commas, quotes and line breaks are quoted, nothing else', () => {
  const rows = [
    ['plain', 1],
    ['a,b', 2.5],
    ['say "no"', null],
    ['two\nlines', true],
  ];
  expect(evidenceCsv({ title: 'rows', columns: ['text', 'value'], rows })).toBe(
    'text,value\r\nplain,1\r\n"a,b",2.5\r\n"say ""no""",\r\n"two\nlines",true\r\n',
  );
});
