import { ProvehouseError } from '@provehouse/secrets';
import type { ClickHouseNode } from '../state/deployment.ts';
import { errorWords } from './error-words.ts';
import { placeOf } from './node-address.ts';

/** Thrown when a node does not answer a query as expected; never holds a password. */
export class QueryError extends ProvehouseError {
  override readonly name = 'QueryError';
  /** ClickHouse's error code, such as `516` for a failed login, if the node answered at all. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown when a node has not answered a query within the time that it was given. */
export class NoAnswerError extends QueryError {}

/** What the client says when a request took longer than it may. */
const CLIENT_TIMED_OUT = 'Timeout error.';

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

/**
 * What asking a node gives, its errors with the node and the statement.
 * @param waitedMs how long it waits, for the error
 * @param limit ends it
 * @throws QueryError, of which NoAnswerError when it took too long
 */
export async function attempt<T>(
  node: ClickHouseNode,
  sql: string,
  waitedMs: number,
  action: () => Promise<T>,
  limit?: AbortSignal,
): Promise<T> {
  try {
    // The client no longer looks at the signal once an answer has begun.
    return await (limit === undefined ? action() : Promise.race([action(), abortOf(limit)]));
  } catch (cause) {
    const place = placeOf(node);
    const said = errorWords(cause);
    if (limit?.aborted || said === CLIENT_TIMED_OUT) {
      const words = `${place}: no answer within ${waitedMs / 1000} s\nin: ${sql}`;
      throw new NoAnswerError(words, undefined, { cause });
    }
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : codeIn(said);
    throw new QueryError(`${place}: ${said}\nin: ${sql}`, code, { cause });
  }
}

/** The code in the words of old servers, which the client does not take apart. */
const codeIn = (said: string): string | undefined => /^Code: (\d+)/.exec(said)?.[1];
