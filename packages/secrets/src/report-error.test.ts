import { CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { InterruptedError, ProvehouseError } from './provehouse-error.ts';
import { describeError, reportError } from './report-error.ts';

let said = '';
beforeEach(() => {
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

test('what somebody can act on is said with its causes, without a stack', () => {
  const cause = new Error('connect ECONNREFUSED 127.0.0.1:5432');
  const error = new ProvehouseError('PostgreSQL does not answer. Start it.', { cause });
  expect(reportError(error)).toBe(2);
  expect(said).toBe(
    'PostgreSQL does not answer. Start it.\n  because: connect ECONNREFUSED 127.0.0.1:5432\n',
  );
});

test('a cause that only repeats what was said, or is data of a parser, is left out', () => {
  const issues = new Error('[\n  { "code": "invalid_type" }\n]');
  const cause = new Error('line 3 is no number', { cause: issues });
  expect(describeError(new ProvehouseError('a.yaml: line 3 is no number.', { cause }))).toBe(
    'a.yaml: line 3 is no number.',
  );
});

test('a defect shows its stack and those of its causes, and none of their other properties', () => {
  const cause = Object.assign(new RangeError('no such node'), { auth: { password: 'hidden' } });
  const text = describeError(new TypeError('no plan', { cause }));
  expect(text).toMatch(/^This is a defect of Provehouse; please report it with these lines\.\n/);
  expect(text).toMatch(/TypeError: no plan\n {4}at [^]*RangeError: no such node\n {4}at /);
  expect(text).not.toContain('hidden');
});

test('what the operating system refuses is no defect', () => {
  let refused: unknown;
  try {
    readFileSync('/no/such/file');
  } catch (error) {
    refused = error;
  }
  expect(describeError(refused)).toBe("ENOENT: no such file or directory, open '/no/such/file'");
});

test('an interruption has the exit code that shells give it', () => {
  expect(reportError(new InterruptedError())).toBe(130);
  expect(said).toBe('Interrupted.\n');
});

test('what commander has printed is not repeated', () => {
  expect(reportError(new CommanderError(0, 'commander.helpDisplayed', 'help'))).toBe(0);
  expect(reportError(new CommanderError(1, 'commander.unknownOption', 'unknown option'))).toBe(2);
  expect(said).toBe('');
});

test('something thrown that is no error is shown as it is', () => {
  expect(describeError('nothing')).toContain('\nnothing');
});
