import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

const DEFAULTS = { runs: 5, rows: 1000 };

test('what is not given has its default', () => {
  expect(parseOptions(DEFAULTS, [])).toEqual(DEFAULTS);
  expect(parseOptions(DEFAULTS, ['--rows', '7'])).toEqual({ runs: 5, rows: 7 });
  expect(parseOptions({ gigabytes: 1 }, ['--gigabytes', '0.5'])).toEqual({ gigabytes: 0.5 });
});

test.each(['--help', '-h'])('%s asks for help', (word) => {
  expect(parseOptions(DEFAULTS, [word])).toBeUndefined();
});

test.each([
  ['a word', ['3'], /Unexpected argument '3'/],
  ['another option', ['--run', '3'], /Unknown option '--run'/],
  ['no number', ['--runs', 'many'], /^--runs: expected a number above 0, found many\.$/],
  ['nothing at all', ['--runs', '0'], /^--runs: expected a number above 0, found 0\.$/],
])('%s is refused', (_, words, message) => {
  expect(() => parseOptions(DEFAULTS, words)).toThrow(message);
});
