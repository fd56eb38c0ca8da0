import { expect, test } from 'vitest';
import { lastLinesOf } from './last-lines.ts';

test('the lines above a trace are shown, however long it is', () => {
  const frames = Array.from({ length: 40 }, (_, index) => `${index}. ? @ 0x00000000184515${index}`);
  const log = ['Code: 999. Coordination::Exception: no connection. Stack trace:', '', ...frames];
  expect(lastLinesOf(`${log.join('\n')}\n (version 26.7.2.1)\n`)).toEqual([
    'Code: 999. Coordination::Exception: no connection. Stack trace:',
    ' (version 26.7.2.1)',
  ]);
});

test('of a long log the last twelve lines are shown', () => {
  const log = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
  expect(lastLinesOf(log)).toHaveLength(12);
  expect(lastLinesOf(log).at(-1)).toBe('line 29');
});

test('an empty log has none', () => {
  expect(lastLinesOf('\n')).toEqual([]);
});
