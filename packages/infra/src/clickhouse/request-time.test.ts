import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { keepTime, requestTime, timed } from './request-time.ts';

test('the time of a request goes with its answer, and with what is made of that', async () => {
  const before = Date.now();
  const answer = await timed(async () => {
    await delay(20);
    return [1, 2];
  });
  const made = keepTime(
    answer,
    answer.map((value) => value * 2),
  );
  const time = requestTime(made);
  expect(time).toEqual(requestTime(answer));
  expect(time?.sent).toBeGreaterThanOrEqual(before - 2);
  expect((time?.answered ?? 0) - (time?.sent ?? 0)).toBeGreaterThanOrEqual(19);
  expect(requestTime(keepTime([], [3]))).toBeUndefined();
});
