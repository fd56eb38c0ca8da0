import { dropPackets, groupOf, letPacketsPass, packetMark } from '@provehouse/infra';
import type { ReplicatedCluster } from './replicated-cluster.ts';

/** Lets nothing that a node says reach its coordinators, until the end of the block; needs root. */
export async function cutFromCoordination(
  { runtime, deployment }: ReplicatedCluster,
  node: string,
): Promise<AsyncDisposable> {
  const pid = (await runtime.status()).find(({ name }) => name === node)?.pid;
  if (pid === undefined) throw new RangeError(`expected a process of ${node}, found none`);
  const ports = (deployment.clickhouse.coordination?.servers ?? []).map(({ port }) => port);
  const mark = await packetMark(node);
  await dropPackets([{ group: await groupOf(pid), ports }], mark);
  return { [Symbol.asyncDispose]: () => letPacketsPass(mark) };
}
