import { expect, test } from 'vitest';
import { afterRewrites } from './replica-parts.ts';
import type { QueueEntry } from './replication-queue.ts';

const parts = (...names: string[]) => names.map((name) => ({ name, rows: 1, sum: '1' }));
const entry = (type: string, result: string, ...sources: string[]): QueueEntry => ({
  ...{ node_name: `queue-${result}`, type, new_part_name: result, parts_to_merge: sources },
  ...{ create_time: '2026-01-01 00:00:00', is_currently_executing: 0, num_tries: 0 },
  ...{ last_exception: '', num_postponed: 0, postpone_reason: '' },
});
const merge = (result: string, ...sources: string[]) => entry('MERGE_PARTS', result, ...sources);

test('merges in the queue are followed one after the other, and mutations of their results', () => {
  const queue = [
    merge('all_0_1_1', 'all_0_0_0', 'all_1_1_0'),
    merge('all_0_2_2', 'all_0_1_1', 'all_2_2_0'),
    entry('MUTATE_PART', 'all_0_2_2_3', 'all_0_2_2'),
  ];
  const later = afterRewrites(parts('all_0_0_0', 'all_1_1_0', 'all_2_2_0', 'all_4_4_0'), queue);
  expect([...later.names].sort()).toEqual(['all_0_2_2_3', 'all_4_4_0']);
  expect(later.pending).toEqual(queue);
});

test('a merge of a part that the replica does not have explains nothing', () => {
  const later = afterRewrites(parts('all_0_0_0'), [merge('all_0_1_1', 'all_0_0_0', 'all_1_1_0')]);
  expect([...later.names]).toEqual(['all_0_0_0']);
  expect(later.pending).toEqual([]);
});

test('what would bring rows explains nothing', () => {
  const later = afterRewrites(parts('all_0_0_0'), [entry('GET_PART', 'all_1_1_0')]);
  expect([...later.names]).toEqual(['all_0_0_0']);
});
