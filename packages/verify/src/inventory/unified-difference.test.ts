import { expect, test } from 'vitest';
import type { Difference, Version } from './compare-things.ts';
import { unifiedDifference } from './unified-difference.ts';

const difference = (usual: string | undefined, own: string | undefined): Difference => ({
  ...{ kind: 'table', name: 'd.t', tied: false },
  usual: { nodes: ['one', 'two'], definition: usual },
  odd: [{ nodes: ['three'], definition: own }],
});

test('a changed line is shown with those around it', () => {
  const lines = ['CREATE TABLE d.t (', '  id UInt32,', '  n String)', 'ENGINE = Log', 'COMMENT 1'];
  const own = lines.with(1, '  id UInt64,');
  expect(unifiedDifference([difference(lines.join('\n'), own.join('\n'))], 'three')).toBe(
    [
      '--- table d.t on one, two',
      '+++ table d.t on three',
      '@@ -1,4 +1,4 @@',
      ' CREATE TABLE d.t (',
      '-  id UInt32,',
      '+  id UInt64,',
      '   n String)',
      ' ENGINE = Log',
    ].join('\n'),
  );
});

test('what is absent is said to be', () => {
  expect(unifiedDifference([difference('a\nb', undefined)], 'three')).toBe(
    [
      '--- table d.t on one, two',
      '+++ table d.t, absent on three',
      '@@ -1,2 +0,0 @@',
      '-a',
      '-b',
    ].join('\n'),
  );
  expect(unifiedDifference([difference(undefined, 'a')], 'three')).toContain(
    '--- table d.t, absent on one, two',
  );
});

test('credentials are not shown, and that they differ is', () => {
  const of = (password: string) => `CREATE DICTIONARY d PASSWORD '${password}'`;
  const shown = unifiedDifference([difference(of('one'), of('other'))], 'three');
  expect(shown).toMatch(/\n\(they differ in what is not shown/);
  expect(shown).not.toContain('other');
});

test('another node’s version and endless lines are left out', () => {
  expect(unifiedDifference([difference('a', 'b')], 'one')).toBe('');
  const odd: Version = { nodes: ['three'], definition: Array(500).fill('x').join('\n') };
  const shown = unifiedDifference([{ ...difference(undefined, undefined), odd: [odd] }], 'three');
  expect(shown.split('\n')).toHaveLength(201);
  expect(shown).toMatch(/\n… 303 more lines$/);
});
