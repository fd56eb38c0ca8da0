import { expect, test } from 'vitest';
import { pollUntil } from './poll.ts';

const patience = { seconds: 0.05, intervalMs: 5, otherwise: 'It still runs. End it.' };

test('it asks until the answer is yes', async () => {
  let asked = 0;
  await pollUntil(() => Promise.resolve((asked += 1) === 3), patience);
  expect(asked).toBe(3);
});

test('a wait that does not come to its end is given up, with what to do', async () => {
  await expect(pollUntil(() => Promise.resolve(false), patience)).rejects.toThrow(
    'It still runs. End it.',
  );
});

test('what asking throws ends the wait', async () => {
  const ask = () => Promise.reject(new Error('no answer'));
  await expect(pollUntil(ask, patience)).rejects.toThrow('no answer');
});
