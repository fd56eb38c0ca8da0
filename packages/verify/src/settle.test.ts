import { expect, test } from 'vitest';
import { settle, type Stillness } from './settle.ts';
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

/** A stillness that is asked for these states in turn, and was seen at the first of them before. */
function stillnessOf(seen: string | undefined, ...states: (string | undefined)[]): Stillness {
  let last = seen;
  return { seen: () => last, observe: () => Promise.resolve((last = states.shift() ?? last)) };
}

test('where all was still before the first look and is the same after it, that one counts', async () => {
  const { look, looks } = lookThatFails(Infinity);
  expect(await settle(60, look, { stillness: stillnessOf('log 7', 'log 7') })).toEqual([failed]);
  expect(looks()).toBe(1);
});

test('where it was not known before the first look, another one follows', async () => {
  const { look, looks } = lookThatFails(Infinity);
  expect(await settle(60, look, { stillness: stillnessOf(undefined, 'log 7') })).toEqual([failed]);
  expect(looks()).toBe(2);
});

test('as long as something moves, or it is not known, it is looked again', async () => {
  const states = ['log 7', undefined, 'log 8', undefined, 'log 9', 'log 9'];
  const { look, looks } = lookThatFails(Infinity);
  let last: string | undefined;
  const stillness = {
    seen: () => last,
    observe: () => Promise.resolve((last = states.shift())),
  };
  expect(await settle(60, look, { stillness })).toEqual([failed]);
  expect(looks()).toBe(6);
});
