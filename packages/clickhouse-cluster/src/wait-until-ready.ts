import { retryUntil } from '@provehouse/infra';
import { allOrFirstError } from './all-or-first-error.ts';
import { MemberError, MemberExitedError, reasonOf } from './member-error.ts';
import type { StartedKeeper } from './started-keeper.ts';
import type { StartedClickHouseNode } from './started-node.ts';

/**
 * Waits until every member answers as itself, then until every node reaches all others and its Keepers, and
 * at last until a statement of one node is executed by all. Makes the cluster's database on every node.
 * Each of the three takes `startupTimeout` milliseconds at most.
 * @throws MemberError of the member that failed first
 */
export async function waitUntilReady(
  nodes: readonly StartedClickHouseNode[],
  keepers: readonly StartedKeeper[],
  startupTimeout: number,
  signal: AbortSignal,
): Promise<void> {
  const limited = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(startupTimeout)]);
  await allOrFirstError(
    [...nodes, ...keepers].map((member) => (either) => member.whenReady(either)),
    signal,
  );
  await allOrFirstError(
    nodes.map((node) => (either) => untilDone(node, joinCluster(node, keepers.length > 0), either)),
    limited(),
  );
  const [first] = nodes;
  if (first === undefined || keepers.length === 0) return;
  await untilDone(first, (attempt) => first.createDatabaseOnCluster(attempt), limited());
}

const joinCluster =
  (node: StartedClickHouseNode, hasKeepers: boolean) =>
  async (signal: AbortSignal): Promise<void> => {
    await node.checkRunning();
    await node.createDatabase(signal);
    await node.reachCluster(signal);
    if (hasKeepers) await node.reachKeepers(signal);
  };

async function untilDone(
  node: StartedClickHouseNode,
  attempt: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const isFinal = (error: unknown) => error instanceof MemberExitedError;
  try {
    await retryUntil(attempt, { signal, isFinal });
  } catch (cause) {
    if (cause instanceof MemberError) throw cause;
    throw new MemberError(node.name, `it cannot use its cluster: ${reasonOf(cause)}`, { cause });
  }
}
