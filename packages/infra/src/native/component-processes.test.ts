import { expect, test } from 'vitest';
import { findProcesses } from './component-processes.ts';

const entry = (pid: number, parent: number, group: number) => ({ pid, parent, group });

test('a component is the process that supervisord started, and what that started', () => {
  const processes = [entry(10, 1, 10), entry(11, 10, 10), entry(12, 11, 12), entry(20, 1, 20)];
  expect(findProcesses(10, processes)).toEqual({
    main: 10,
    working: [10, 11, 12],
    all: [10, 11, 12],
  });
});

test('a forked component is the process that joined its group, and what that started', () => {
  const parent = entry(5, 1, 5);
  const waits = entry(10, 1, 10);
  const processes = [parent, waits, entry(11, 5, 10), entry(12, 11, 10), entry(13, 12, 13)];
  const expected = { main: 11, working: [11, 12, 13], all: [10, 11, 12, 13] };
  expect(findProcesses(10, processes)).toEqual(expected);
  // Its parent has ended, and init is now in its place.
  expect(
    findProcesses(10, [waits, entry(11, 1, 10), entry(12, 11, 10), entry(13, 12, 13)]),
  ).toEqual(expected);
});

test('what a process has forked for another component is not its own', () => {
  const forked = [entry(11, 5, 10), entry(12, 11, 12), entry(13, 12, 12)];
  const processes = [entry(5, 1, 5), entry(10, 1, 10), ...forked];
  expect(findProcesses(5, processes).all).toEqual([5]);
  expect(findProcesses(10, processes).all).toEqual([10, 11, 12, 13]);
});
