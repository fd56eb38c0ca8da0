import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { STOP_WAVES, type StopWave } from '../components/native-side.ts';
import { isAlive, processesOf, signalProcess } from '../system/processes.ts';
import type { StateFolder } from '../state/state-folder.ts';
import type { PlatformPlace } from './load-platform.ts';
import {
  isSupervisorRunning,
  processStates,
  readSession,
  shutdownSupervisor,
  stopProcess,
} from './supervisord.ts';

/** When a process of that name is ended, as the descriptor says that knows it. */
export function waveOf(descriptors: readonly ComponentDescriptor[], process: string): StopWave {
  for (const { native } of descriptors) {
    const wave = native?.stopWave?.(process);
    if (wave !== undefined) return wave;
  }
  return 'third';
}

/**
 * Ends every process of the platform, also those that a killed supervisord left, and removes what
 * lived as long as they did: sockets, configuration, the deployment.
 */
export async function stopPlatform({ folder, descriptors }: PlatformPlace): Promise<void> {
  // A frozen process would not hear that it is to end.
  for (const pid of await processesOf(folder.root, await readSession(folder)))
    signalProcess(pid, 'SIGCONT');
  if (await isSupervisorRunning(folder)) {
    const names = [...(await processStates(folder)).keys()];
    for (const wave of STOP_WAVES) {
      const group = names.filter((name) => waveOf(descriptors, name) === wave);
      await Promise.all(group.map((name) => stopProcess(folder, name)));
    }
    await shutdownSupervisor(folder);
  }
  await endLeftProcesses(folder);
  await Promise.all(
    [folder.socketFolder, folder.run, folder.config, folder.deploymentFile].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  );
}

/** Ends processes that nobody supervises any more: first asks, then kills. */
export async function endLeftProcesses(folder: StateFolder): Promise<void> {
  const session = await readSession(folder);
  for (const [signal, seconds] of [
    ['SIGTERM', 4],
    // PostgreSQL takes SIGTERM as a wish to end once all clients are gone.
    ['SIGINT', 4],
    ['SIGKILL', 5],
  ] as const) {
    const left = await processesOf(folder.root, session);
    for (const pid of left) signalProcess(pid, signal);
    await untilGone(left, seconds);
  }
}

async function untilGone(pids: readonly number[], seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (const pid of pids) {
    while ((await isAlive(pid)) && Date.now() < deadline) await delay(50);
  }
}
