import { expect, test } from 'vitest';
import { failuresIn } from './failures.mjs';

const VITEST = `
 \u001b[32m✓\u001b[39m  unit  src/a.test.ts (2 tests) 3ms
\u001b[41m FAIL \u001b[49m  integration  src/b.integration.test.ts > a node that dies
QueryError: clickhouse-01 (127.0.0.1:8123): refused
Last lines of clickhouse-01:
  no space left

 ❯ query src/b.ts:3:1
      1| query();
`;
const PYTEST = `
=========== short test summary info ===========
FAILED tests/unit/test_x.py::test_y - AssertionError: assert 1 == 2
ERROR tests/unit/test_z.py - ModuleNotFoundError
`;
const NX = `
- infra
- verify

 NX   Running target integration for 5 projects failed

Failed tasks:

- verify:integration

  Run duration:      1m
`;

test('tests that failed are named with the whole message of their error', () => {
  expect(failuresIn(VITEST)).toEqual([
    'integration  src/b.integration.test.ts > a node that dies\n    QueryError: clickhouse-01 (127.0.0.1:8123): refused\n    Last lines of clickhouse-01:\n      no space left',
  ]);
  expect(failuresIn(PYTEST)).toEqual([
    'tests/unit/test_x.py::test_y - AssertionError: assert 1 == 2',
    'tests/unit/test_z.py - ModuleNotFoundError',
  ]);
});

test('tasks that failed are named, and those that were only listed are not', () => {
  expect(failuresIn(NX)).toEqual(['verify:integration']);
});

test('in the output of tests that passed there is nothing', () => {
  expect(failuresIn('Test Files  7 passed (7)\n')).toEqual([]);
});
