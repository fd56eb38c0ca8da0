import { expect, test } from 'vitest';
import type { Replica } from './replicated.ts';
import { hasMoved, positionOf, saidOf, unreadOf, type QueueEntry } from './replication-queue.ts';

const replica = (log_max_index: number, log_pointer: number): Replica => ({
  ...{
    database: 'otus_default',
    table: 't',
    is_readonly: 0,
    is_session_expired: 0,
    is_leader: 1,
    zookeeper_path: '/t',
  },
  ...{ replica_name: '01', replica_path: '/t/replicas/01', queue_size: 0, absolute_delay: 0 },
  ...{ total_replicas: 2, active_replicas: 2, log_max_index, log_pointer },
});
const entry = (node_name: string, executing = 0): QueueEntry => ({
  ...{ node_name, type: 'GET_PART', new_part_name: 'all_0_0_0', parts_to_merge: [] },
  ...{ create_time: '2026-01-01 00:00:00', is_currently_executing: executing, num_tries: 0 },
  ...{ last_exception: '', num_postponed: 0, postpone_reason: '' },
});
const before = positionOf(replica(9, 8), [entry('queue-1'), entry('queue-2')]);

test.each([
  ['the same entries', replica(9, 8), [entry('queue-1'), entry('queue-2')], false],
  ['only more entries', replica(12, 8), [entry('queue-1'), entry('queue-2'), entry('x')], false],
  ['an entry that is executed', replica(9, 8), [entry('queue-1', 1), entry('queue-2')], true],
  ['an entry that is done', replica(9, 8), [entry('queue-2')], true],
  ['more of the log read', replica(9, 9), [entry('queue-1'), entry('queue-2')], true],
])('a queue with %s', (_, now, queue, moved) => {
  expect(hasMoved(before, now, queue)).toBe(moved);
});

test.each([
  ['an empty log', 0, 0, 0],
  ['a log that was read', 9, 10, 0],
  ['a log of which the newest entries were not', 9, 8, 2],
])('%s', (_, newest, pointer, unread) => {
  expect(unreadOf(replica(newest, pointer))).toBe(unread);
});

test('what a server says comes in one line, without the places in its program', () => {
  const text =
    "Code: 86. DB::HTTPException: body: 'aborted\n'. (RECEIVED_ERROR), Stack trace (when copying…):\n0. ? @ 0x1\n";
  expect(saidOf(text)).toBe("Code: 86. DB::HTTPException: body: 'aborted '. (RECEIVED_ERROR)");
});
