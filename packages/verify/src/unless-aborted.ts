/**
 * What `ask` gives, unless the signal is given before or meanwhile; what is asked then goes on, for
 * whoever can to end it.
 * @throws the reason of the signal, and what `ask` throws
 */
export async function unlessAborted<Value>(
  signal: AbortSignal | undefined,
  ask: () => Promise<Value>,
): Promise<Value> {
  if (signal === undefined) return ask();
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([ask(), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
