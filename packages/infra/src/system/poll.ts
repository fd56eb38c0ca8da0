import { setTimeout as delay } from 'node:timers/promises';
import { PlatformStateError } from '../state/state-error.ts';

/** How long something is waited for, and how often it is looked at. */
export interface Patience {
  readonly seconds: number;
  readonly intervalMs: number;
  /** What was expected by then and what to do, as sentences, or the error that says so. */
  readonly otherwise: string | (() => Error);
  /** Ends the waiting; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Asks until the answer is yes.
 * @throws PlatformStateError, or the given error, when it is still no after the time; what asking throws
 */
export async function pollUntil(
  ask: () => Promise<boolean>,
  { seconds, intervalMs, otherwise, signal }: Patience,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await ask())) {
    if (performance.now() > deadline) {
      throw typeof otherwise === 'string' ? new PlatformStateError(otherwise) : otherwise();
    }
    await delay(intervalMs, undefined, { signal });
  }
}
