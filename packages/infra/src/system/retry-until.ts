import { setTimeout as sleep } from 'node:timers/promises';

/** What stops and paces a repeated attempt. */
export interface RetryOptions {
  /** Ends the attempts; its reason is what the returned promise rejects with, unless one had failed. */
  readonly signal: AbortSignal;
  /** Pause between two attempts, in milliseconds. */
  readonly interval?: number;
  /** Whether an error cannot go away by trying again. */
  readonly isFinal?: (error: unknown) => boolean;
}

/**
 * The result of the first attempt that succeeds.
 * @throws the error of the last attempt when the signal ends them or when it is final
 */
export async function retryUntil<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { signal, interval = 100, isFinal = () => false }: RetryOptions,
): Promise<T> {
  let last: { readonly error: unknown } | undefined;
  for (;;) {
    try {
      signal.throwIfAborted();
      return await attempt(signal);
    } catch (error) {
      // The error of an attempt that was cut short says less than the one before.
      if (!signal.aborted || last === undefined) last = { error };
      if (signal.aborted || isFinal(error)) throw last.error;
    }
    await sleep(interval, undefined, { signal }).catch(() => {});
  }
}
