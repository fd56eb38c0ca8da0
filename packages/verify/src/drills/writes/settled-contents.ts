import { setTimeout as delay } from 'node:timers/promises';
import { ProvehouseError } from '@provehouse/secrets';
import { isWhole, type NodeContent } from '../account.ts';

const POLL_MS = 100;
/** The pause is as long as the look, and no longer than this. */
const LONGEST_POLL_MS = 1_000;
/** How long it must look as if nothing more came. */
const OVER_MS = 5_000;
const REPLICATION_SECONDS = 30;

/** Thrown when replicas do not get rows that a drill needs on all of them. */
export class ReplicationError extends ProvehouseError {
  override readonly name = 'ReplicationError';
}

/**
 * Looks until nothing is missing, for `seconds` at most: what is on its way is not lost. It ends before,
 * once `isOver` says of the same contents for a while that no more will come.
 */
export async function settledContents(
  look: () => Promise<NodeContent[]>,
  seconds: number,
  signal: AbortSignal,
  isOver: (contents: NodeContent[]) => Promise<boolean> = () => Promise.resolve(false),
): Promise<NodeContent[]> {
  let overSince: number | undefined;
  const deadline = performance.now() + Math.max(seconds, 1) * 1000;
  for (;;) {
    signal.throwIfAborted();
    const begin = performance.now();
    const late = begin > deadline;
    // A node that does not answer yet may still come back; at the end its silence is reported.
    const contents = await look().catch((error: unknown) => {
      if (late) throw error;
      return undefined;
    });
    // What is too much does not go by waiting.
    if (contents && (late || contents.every(({ missing }) => missing.length === 0)))
      return contents;
    const over = contents !== undefined && (await isOver(contents).catch(() => false));
    overSince = over ? (overSince ?? performance.now()) : undefined;
    if (contents && overSince !== undefined && performance.now() - overSince > OVER_MS) {
      return contents;
    }
    // Nodes that have to recover are not kept busy with questions, and one that is silent is not waited for.
    const pause = Math.min(Math.max(POLL_MS, performance.now() - begin), LONGEST_POLL_MS);
    await delay(pause, undefined, { signal });
  }
}

/**
 * Waits until every replica has what was acknowledged: an emptied disk must not be the only one.
 * @throws ReplicationError
 */
export async function untilReplicated(
  look: () => Promise<NodeContent[]>,
  signal: AbortSignal,
): Promise<void> {
  const contents = await settledContents(look, REPLICATION_SECONDS, signal);
  const behind = contents.filter((content) => !isWhole(content)).map(({ node }) => node);
  if (behind.length > 0) {
    throw new ReplicationError(
      `Expected every replica to have the rows within ${REPLICATION_SECONDS} s, found that ${behind.join(' and ')} did not.`,
    );
  }
}
