import { describe, expect, test } from 'vitest';
import { allowedDifferencesSchema, reasonToDiffer } from './allowed-differences.ts';

const allowed = allowedDifferencesSchema.parse([
  { kind: 'table', name: 'staging.*', reason: 'people try things there' },
  { kind: '*-setting', name: 'max_*_size', reason: 'nodes have different memory' },
  { kind: 'table', name: '*', reason: 'everything else' },
]);

test('the first entry that is about a thing gives the reason', () => {
  expect(reasonToDiffer(allowed, 'table', 'staging.a')).toBe('people try things there');
  expect(reasonToDiffer(allowed, 'table', 'stagingXa')).toBe('everything else');
  expect(reasonToDiffer(allowed, 'merge-tree-setting', 'max_cache_size')).toBe(
    'nodes have different memory',
  );
});

test('what no entry is about may not differ', () => {
  expect(reasonToDiffer(allowed, 'view', 'staging.a')).toBeUndefined();
  expect(reasonToDiffer(allowed, 'setting', 'max_cache_size')).toBeUndefined();
  expect(reasonToDiffer([], 'table', 'a')).toBeUndefined();
});

describe('refused', () => {
  test.each([
    [{ kind: 'tabel', name: '*', reason: 'x' }, 'expected one of the kinds'],
    [{ kind: 'table', name: '', reason: 'x' }, 'name'],
    [{ kind: 'table', name: '*' }, 'reason'],
    [{ kind: 'table', name: '*', reason: ' ' }, 'reason'],
    [{ kind: 'table', name: '*', reason: 'x', nodes: [] }, 'nodes'],
  ])('%j', (entry, problem) => {
    const { error } = allowedDifferencesSchema.safeParse([entry]);
    expect(JSON.stringify(error?.issues)).toContain(problem);
  });
});
