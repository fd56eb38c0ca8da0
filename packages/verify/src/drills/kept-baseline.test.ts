import { expect, test } from 'vitest';
import { KeptBaseline } from './kept-baseline.ts';

/** How often a baseline was measured for drills that come one after the other. */
async function measured(kept: KeptBaseline<string>, between: (() => void)[]): Promise<number> {
  let times = 0;
  for (const happen of [() => undefined, ...between]) {
    happen();
    await kept.of(() => {
      times += 1;
      return Promise.resolve('measured');
    });
  }
  return times;
}

test('drills of one day share a baseline', async () => {
  expect(await measured(new KeptBaseline<string>(), [() => undefined, () => undefined])).toBe(1);
});

test('one that was forgotten is measured again', async () => {
  const kept = new KeptBaseline<string>();
  expect(await measured(kept, [() => kept.forget(), () => undefined])).toBe(2);
});

test('on another day it is measured again: the rows of a run may be those of its date', async () => {
  let day = '2026-06-15';
  const kept = new KeptBaseline<string>(() => day);
  expect(await measured(kept, [() => void (day = '2026-06-16')])).toBe(2);
});

test('one that cannot be measured is not kept', async () => {
  const kept = new KeptBaseline<string>();
  await expect(kept.of(() => Promise.reject(new Error('no Airflow')))).rejects.toThrow(
    'no Airflow',
  );
  expect(await measured(kept, [])).toBe(1);
});
