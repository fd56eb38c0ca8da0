import { InterruptedError } from '@provehouse/secrets';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A signal that aborts when the user or the system wants this process to end, which then ends by itself.
 * @param onInterrupt gives the signal's reason
 * @param listen with `once` the same wish a second time ends the process where it is
 */
export function interruption(
  onInterrupt: () => Error = () => new InterruptedError(),
  listen: 'on' | 'once' = 'on',
): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of SIGNALS) process[listen](signal, () => interrupt.abort(onInterrupt()));
  return interrupt.signal;
}
