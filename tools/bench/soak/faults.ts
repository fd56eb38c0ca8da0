import { setTimeout as delay } from 'node:timers/promises';
import { dropPackets, groupOf, letPacketsPass, packetMark, whyNotDropped } from '@provehouse/infra';
import type { Random } from './random.ts';
import type { SoakedCluster } from './soaked-cluster.ts';

/** What was broken, and what ended by itself. */
export interface Broken {
  readonly faults: ReadonlyMap<string, number>;
  /** Components that were found ended although nothing had been done to them. */
  readonly endedByThemselves: readonly string[];
}

/**
 * Breaks one thing after the other, with pauses, and lifts each: kills nodes and coordinators, freezes
 * nodes, cuts them off from their peers or from coordination.
 */
export async function breakThings(
  soaked: SoakedCluster,
  random: Random,
  stop: AbortSignal,
  note: (text: string) => void,
): Promise<Broken> {
  const faults = new Map<string, number>();
  const endedByThemselves: string[] = [];
  const noCuts = await whyNotDropped();
  if (noCuts !== undefined) note(`no network cuts: ${noCuts}`);
  const kinds = [killNode, killNode, killBoth, killCoordinator, freezeNode];
  const all = noCuts === undefined ? [...kinds, cutFromPeers, cutFromCoordination] : kinds;
  while (!stop.aborted) {
    await delay(random.between(5_000, 10_000), undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) break;
    for (const { name, state } of await soaked.runtime.status()) {
      if (state !== 'ready' && state !== 'not answering') {
        note(`${name} ended by itself: ${state}`);
        endedByThemselves.push(`${name}: ${state}`);
        await soaked.runtime.start(name);
      }
    }
    const fault = random.of(all);
    note(fault.name);
    await fault(soaked, random);
    faults.set(fault.name, (faults.get(fault.name) ?? 0) + 1);
  }
  return { faults, endedByThemselves };
}

const anyNode = ({ clients }: SoakedCluster, random: Random): string =>
  random.of([...clients.keys()]);

async function killNode(soaked: SoakedCluster, random: Random): Promise<void> {
  const node = anyNode(soaked, random);
  await soaked.runtime.kill(node);
  await delay(random.of([0, 1_000, 3_000]));
  await soaked.runtime.start(node);
}

async function killCoordinator(soaked: SoakedCluster, random: Random): Promise<void> {
  const coordinator = random.of(soaked.coordinators);
  await soaked.runtime.kill(coordinator);
  await delay(random.between(500, 3_000));
  await soaked.runtime.start(coordinator);
}

/** A node and a coordinator at once, so that the node starts while a leader is elected. */
async function killBoth(soaked: SoakedCluster, random: Random): Promise<void> {
  const [node, coordinator] = [anyNode(soaked, random), random.of(soaked.coordinators)];
  await Promise.all([soaked.runtime.kill(node), soaked.runtime.kill(coordinator)]);
  await Promise.all([soaked.runtime.start(node), soaked.runtime.start(coordinator)]);
}

async function freezeNode(soaked: SoakedCluster, random: Random): Promise<void> {
  const node = anyNode(soaked, random);
  await soaked.runtime.freeze(node);
  await delay(random.between(1_000, 8_000));
  await soaked.runtime.thaw(node);
}

async function cutFromPeers(soaked: SoakedCluster, random: Random): Promise<void> {
  const node = anyNode(soaked, random);
  const others = soaked.deployment.clickhouse.nodes.filter(({ name }) => name !== node);
  const ports = others.flatMap(({ nativePort, interserverPort }) => [
    nativePort,
    ...(interserverPort === undefined ? [] : [interserverPort]),
  ]);
  await cut(soaked, node, ports, random);
}

async function cutFromCoordination(soaked: SoakedCluster, random: Random): Promise<void> {
  const { coordination } = soaked.deployment.clickhouse;
  const ports = (coordination?.servers ?? []).map(({ port }) => port);
  await cut(soaked, anyNode(soaked, random), ports, random);
}

async function cut(
  { runtime }: SoakedCluster,
  node: string,
  ports: readonly number[],
  random: Random,
): Promise<void> {
  const pid = (await runtime.status()).find(({ name }) => name === node)?.pid;
  if (pid === undefined) return;
  const mark = await packetMark(node);
  try {
    await dropPackets([{ group: await groupOf(pid), ports }], mark);
    await delay(random.between(2_000, 10_000));
  } finally {
    await letPacketsPass(mark);
  }
}
