import { expect, test } from 'vitest';
import { logText, tail } from './log-text.ts';

test('an event is a line with time and level, and an error shows its type and text', () => {
  const event = { timestamp: '2026-01-01T00:00:00Z', level: 'error', event: 'Task failed' };
  const error_detail = [{ exc_type: 'ValueError', exc_value: 'no rows', frames: [] }];
  expect(logText([{ event: '::group::Start' }, { ...event, error_detail }])).toBe(
    '::group::Start\n2026-01-01T00:00:00Z ERROR Task failed\n  ValueError: no rows',
  );
});

test('the end of a text is whole lines and says what is left out', () => {
  expect(tail('first\nsecond\nthird', 100)).toBe('first\nsecond\nthird');
  expect(tail('first\nsecond\nthird', 10)).toBe('… 13 characters before this\nthird');
  expect(tail('x'.repeat(50), 10)).toBe(`… 40 characters before this\n${'x'.repeat(10)}`);
});
