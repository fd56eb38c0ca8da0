import { afterAll, afterEach } from 'vitest';
import { VERDICTS } from '../src/check-run.ts';
import type { Status, Verdict } from '../src/verdict.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** The verdicts of checks in the test, and in what prepared it. */
    verdicts?: readonly { readonly check: string; readonly status: Status }[];
  }
}

let verdicts: Pick<Verdict, 'check' | 'status'>[] = [];
const record = (message: unknown): void => {
  const { check, status } = message as Verdict;
  verdicts.push({ check, status });
};
VERDICTS.subscribe(record);

afterEach(({ task }) => {
  task.meta.verdicts = verdicts;
  verdicts = [];
});

// The next file of this worker records for itself.
afterAll(() => {
  VERDICTS.unsubscribe(record);
});
