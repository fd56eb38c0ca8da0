import { expect, test } from 'vitest';
import { COMPARISON_HEADING, comparisonRow } from './comparison.ts';

const cells = (line: string): number => line.split('\n')[0]!.split('|').length;

test('a row relates the median to the goal and to the median of the peer', () => {
  const line = comparisonRow({ what: 'up', own: [1, 3, 2], peer: [4, 2, 5], goal: 8 });
  expect(line).toBe('| up | 1.00 | 2.00 | 3.00 | s | 8 | 0.25 | 2.00 | 4.00 | 5.00 | 0.50 | 3 |');
});

test('a row without a goal has as many cells as the heading', () => {
  const line = comparisonRow({ what: 'down', own: [1], peer: [2] });
  expect(line).toContain('| – | – |');
  expect(cells(line)).toBe(cells(COMPARISON_HEADING));
});
