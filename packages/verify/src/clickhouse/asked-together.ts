import DataLoader from 'dataloader';
import type { NodeClient } from './cluster.ts';
import { logComment } from './running-check.ts';

/** A node as it is asked here. */
export type Asked = Pick<NodeClient, 'query'>;

/** How long who asks first waits for others, in milliseconds. */
const WAIT_MS = 3;

/**
 * A question that is asked about many things at once. What one check asks of a node at about the same
 * time comes to `ask` together, `most` things at most; nothing is kept, so that every answer is as new as
 * the question.
 * @param ask gives the answers in the order of the things
 * @returns gives the answer about one thing; throws what `ask` throws
 */
export function askedTogether<Thing, Answer>(
  ask: (client: Asked, things: readonly Thing[]) => Promise<readonly Answer[]>,
  most: number,
): (client: Asked, thing: Thing) => Promise<Answer> {
  const loaders = new WeakMap<Asked['query'], Map<string, DataLoader<Thing, Answer>>>();
  return ({ query }, thing) => {
    const byCheck = loaders.get(query) ?? new Map<string, DataLoader<Thing, Answer>>();
    loaders.set(query, byCheck);
    const check = logComment();
    const loader =
      byCheck.get(check) ??
      new DataLoader<Thing, Answer>((things) => ask({ query }, things), {
        ...{ cache: false, maxBatchSize: most },
        batchScheduleFn: (begin) => void setTimeout(begin, WAIT_MS),
      });
    byCheck.set(check, loader);
    return loader.load(thing);
  };
}
