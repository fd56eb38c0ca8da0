import { expect, test } from 'vitest';
import { replicationNote } from './replication-note.ts';

test('replication is said to be wired by Provehouse', () => {
  expect(replicationNote('keeper')).toMatch(/wired by Provehouse/);
});

test('distributed writes are explained by their reason where there is one', () => {
  expect(replicationNote('distributed-writes')).toBe('distributed writes');
  expect(replicationNote('distributed-writes', 'no Java')).toBe('distributed writes: no Java');
});
