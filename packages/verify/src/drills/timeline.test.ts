import { expect, test } from 'vitest';
import { taskSeconds, type TaskPhase } from './timeline.ts';

const phase = (task: string, state: string, start: number, attempt = 1): TaskPhase => ({
  ...{ task, state, start },
  try: attempt,
});

test('a task lasts from where it runs to its next state', () => {
  const tasks = [
    phase('load', 'none', 0, 0),
    phase('create', 'running', 1),
    phase('load', 'queued', 2),
    phase('load', 'running', 3),
    phase('create', 'success', 4),
    phase('load', 'success', 7.5),
  ];
  expect(taskSeconds({ tasks }, 'load')).toBe(4.5);
});

test('only the first try counts, and one that was never seen to run lasted no time', () => {
  const again = [phase('load', 'running', 1), phase('load', 'up_for_retry', 3)];
  expect(taskSeconds({ tasks: [...again, phase('load', 'success', 9, 2)] }, 'load')).toBe(2);
  expect(taskSeconds({ tasks: [phase('load', 'success', 9)] }, 'load')).toBe(0);
  expect(taskSeconds({ tasks: [phase('load', 'running', 9)] }, 'load')).toBe(0);
});
