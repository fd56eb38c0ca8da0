import { expect, test } from 'vitest';
import { errorWords } from './error-words.ts';

test('an error says its first line', () => {
  expect(errorWords(new Error('connect ECONNREFUSED 127.0.0.1:8123\nat …'))).toBe(
    'connect ECONNREFUSED 127.0.0.1:8123',
  );
  expect(errorWords('a text')).toBe('a text');
});

test('one for each of several addresses says what each of them said', () => {
  const inside = ['::1:8123', '127.0.0.1:8123'].map(
    (at) => new Error(`connect ECONNREFUSED ${at}`),
  );
  expect(errorWords(new AggregateError(inside))).toBe(
    'connect ECONNREFUSED ::1:8123; connect ECONNREFUSED 127.0.0.1:8123',
  );
});

test('one without words says its code, or its name', () => {
  expect(errorWords(Object.assign(new Error(''), { code: 'ETIMEDOUT' }))).toBe('ETIMEDOUT');
  expect(errorWords(new TypeError(''))).toBe('TypeError');
});
