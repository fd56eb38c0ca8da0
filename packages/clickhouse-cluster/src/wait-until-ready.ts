import { allOrFirstError } from './all-or-first-error.ts';
import { MemberError, MemberExitedError, reasonOf } from './member-error.ts';
import { retryUntil } from './retry-until.ts';
import type { StartedKeeper } from './started-keeper.ts';
import type { StartedClickHouseNode } from './started-node.ts';

/**
 * Waits until every member answers as itself, and then until every node reaches all others and its Keepers.
 * Makes the cluster's database on every node. Each of the two takes `startupTimeout` milliseconds at most.
 * @throws MemberError of the member that failed first
 */
export async function waitUntilReady(
  nodes: readonly StartedClickHouseNode[],
  keepers: readonly StartedKeeper[],
  startupTimeout: number,
  signal: AbortSignal,
): Promise<void> {
  await allOrFirstError(
    [...nodes, ...keepers].map((member) => (either) => member.whenReady(either)),
    signal,
  );
  await allOrFirstError(
    nodes.map((node) => (either) => joinCluster(node, keepers.length > 0, either)),
    AbortSignal.any([signal, AbortSignal.timeout(startupTimeout)]),
  );
}

async function joinCluster(
  node: StartedClickHouseNode,
  hasKeepers: boolean,
  signal: AbortSignal,
): Promise<void> {
  const attempt = async (attemptSignal: AbortSignal): Promise<void> => {
    await node.checkRunning();
    await node.createDatabase(attemptSignal);
    await node.reachCluster(attemptSignal);
    if (hasKeepers) await node.reachKeepers(attemptSignal);
  };
  const isFinal = (error: unknown) => error instanceof MemberExitedError;
  try {
    await retryUntil(attempt, { signal, isFinal });
  } catch (cause) {
    if (cause instanceof MemberError) throw cause;
    throw new MemberError(node.name, `it cannot use its cluster: ${reasonOf(cause)}`, { cause });
  }
}
