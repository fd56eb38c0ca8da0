import { once } from 'node:events';
import { expect, test } from 'vitest';
import { step } from './step.ts';

test('a long step says what it is, that it goes on, and how long it took', async () => {
  const said: string[] = [];
  const going = new EventTarget();
  const result = await step(
    (line) => {
      said.push(line);
      if (line.includes('so far')) going.dispatchEvent(new Event('said'));
    },
    'Building an image',
    async () => {
      await once(going, 'said');
      return 7;
    },
    1,
  );
  expect(result).toBe(7);
  expect(said[0]).toBe('Building an image …');
  expect(said[1]).toBe('Building an image: 0 s so far');
  expect(said.at(-1)).toBe('Building an image: done after 0 s');
});

test('a step that fails is not said to be done', async () => {
  const said: string[] = [];
  const failing = step(
    (line) => said.push(line),
    'Building',
    () => Promise.reject(new Error('no space')),
  );
  await expect(failing).rejects.toThrow('no space');
  expect(said).toEqual(['Building …']);
});
