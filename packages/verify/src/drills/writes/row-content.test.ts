import { expect, test } from 'vitest';
import { batchText, payloadOf } from './row-content.ts';

test('ids are dense over the batches, and the same batch has the same rows', () => {
  const ids = (batch: number): string[] =>
    batchText(7, batch, 3)
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0] ?? '');
  expect([...ids(0), ...ids(1)]).toEqual(['0', '1', '2', '3', '4', '5']);
  expect(batchText(7, 1, 3)).toBe(batchText(7, 1, 3));
});

test('content differs by seed and by row', () => {
  expect(new Set([payloadOf(1, 1), payloadOf(1, 2), payloadOf(2, 1)]).size).toBe(3);
});
