import { expect, test } from 'vitest';
import { settle } from './settle.ts';
import type { Finding } from './verdict.ts';

const failed: Finding = { status: 'failed', expected: 'the same', observed: 'not the same' };
const passed: Finding = { status: 'passed', expected: 'the same', observed: 'the same' };

/** A look that fails until it was done some times. */
function lookThatFails(times: number) {
  let looks = 0;
  return {
    looks: () => looks,
    look: () => Promise.resolve([(looks += 1) > times ? passed : failed]),
  };
}

test('what is on its way is waited for', async () => {
  const { look, looks } = lookThatFails(2);
  expect(await settle(60, look)).toEqual([passed]);
  expect(looks()).toBe(3);
});

test('when the time is over, the last look counts', async () => {
  const { look } = lookThatFails(Infinity);
  expect(await settle(0.1, look)).toEqual([failed]);
});

test('where nothing has moved around a look, no other follows', async () => {
  const { look, looks } = lookThatFails(Infinity);
  expect(await settle(60, look, { stillness: () => Promise.resolve('log 7') })).toEqual([failed]);
  expect(looks()).toBe(2);
});

test('as long as something moves, or it is not known, it is looked again', async () => {
  const states = ['log 7', undefined, 'log 8', undefined, 'log 9', 'log 9'];
  const { look, looks } = lookThatFails(Infinity);
  const stillness = () => Promise.resolve(states.shift());
  expect(await settle(60, look, { stillness })).toEqual([failed]);
  expect(looks()).toBe(6);
});
