import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from './config.ts';
import { askCoordinator, CoordinationError } from './coordination.ts';

const QUEUE_SECONDS = 60;
const POLL_MS = 50;

/**
 * Waits until every node watches the queue of `ON CLUSTER`, by the number of watches. Servers of 2018 end
 * with a segmentation fault when they are given such a statement before. Where replicated tables are
 * there already, their watches count as well: then the nodes have their sessions at least.
 * @throws CoordinationError when there are fewer watches than nodes after a minute
 */
export async function untilQueueIsWatched(
  servers: readonly Address[],
  nodes: number,
): Promise<void> {
  const deadline = performance.now() + QUEUE_SECONDS * 1000;
  for (;;) {
    const states = await Promise.allSettled(servers.map((server) => askCoordinator(server)));
    // One that elects a leader says nothing for a moment.
    const answers = states.flatMap((state) => (state.status === 'fulfilled' ? [state.value] : []));
    const watches = answers.reduce((sum, state) => sum + state.watches, 0);
    if (watches >= nodes) return;
    if (performance.now() > deadline) {
      const silent = states.find((state) => state.status === 'rejected');
      throw new CoordinationError(
        `Expected ${nodes} nodes to watch the queue of ON CLUSTER within ${QUEUE_SECONDS} s, found ${watches} watches on ${answers.length} of ${servers.length} coordinators. The logs of the nodes say who cannot reach them: infra:logs.`,
        { cause: silent?.reason },
      );
    }
    await delay(POLL_MS);
  }
}
