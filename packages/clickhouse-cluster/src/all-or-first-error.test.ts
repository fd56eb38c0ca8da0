import { once } from 'node:events';
import { expect, it } from 'vitest';
import { allOrFirstError } from './all-or-first-error.ts';

const never = new AbortController().signal;

it('gives all results in the order of the tasks', async () => {
  const slow = Promise.withResolvers<string>();
  const tasks = [
    () => slow.promise,
    async () => {
      slow.resolve('first');
      return 'second';
    },
  ];
  await expect(allOrFirstError(tasks, never)).resolves.toEqual(['first', 'second']);
});

it('interrupts the others when one fails, waits for them, and tells what failed first', async () => {
  let ended = false;
  const tasks = [
    async (signal: AbortSignal) => {
      await once(signal, 'abort');
      ended = true;
      throw new Error('interrupted');
    },
    async () => {
      throw new Error('the fault');
    },
  ];
  await expect(allOrFirstError(tasks, never)).rejects.toThrow('the fault');
  expect(ended).toBe(true);
});

it('passes an interruption from outside on', async () => {
  const reason = new Error('no longer needed');
  const tasks = [async (signal: AbortSignal) => signal.throwIfAborted()];
  await expect(allOrFirstError(tasks, AbortSignal.abort(reason))).rejects.toBe(reason);
});
