/** What is sent, and how long an answer is waited for. */
export interface FetchTextOptions extends RequestInit {
  readonly timeoutMs: number;
  /** The error where there is no answer in that time, by the reason and what was thrown. */
  readonly otherwise: (why: string, cause: unknown) => Error;
}

/**
 * An answer of HTTP, whatever its status, with its whole text.
 * @throws what `otherwise` makes, or the reason of the signal when that ends it
 */
export async function fetchText(
  url: string,
  { timeoutMs, otherwise, signal, ...request }: FetchTextOptions,
): Promise<{ readonly answer: Response; readonly text: string }> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, {
      ...request,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    return { answer, text: await answer.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    const why = cause instanceof Error ? ((cause.cause as Error | undefined) ?? cause).message : '';
    throw otherwise(why, cause);
  }
}
