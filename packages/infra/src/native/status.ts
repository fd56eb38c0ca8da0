import type { ComponentStatus } from '../runtime.ts';
import { loadPlatform, type PlatformPlace } from './load-platform.ts';
import { readPlan } from './plan.ts';
import { listProcesses, memoryOf } from '../system/processes.ts';
import { findProcesses } from './component-processes.ts';
import { describeState } from './start.ts';
import { isSupervisorRunning, processStates } from './supervisord.ts';

/** Asks every component how it is; empty when the platform does not run. */
export async function status(place: PlatformPlace): Promise<readonly ComponentStatus[]> {
  const { folder } = place;
  const plan = await readPlan(folder);
  if (plan === undefined) return [];
  const { components, elsewhere } = await loadPlatform(place, plan);
  const supervised = await isSupervisorRunning(folder);
  const states = supervised ? await processStates(folder) : new Map();
  const processes = await listProcesses();
  const answering = (asked: Promise<void>) =>
    asked.then(
      () => ({ state: 'ready' }),
      (error: Error) => ({ state: 'not answering', reason: error.message || error.name }),
    );
  const others = elsewhere.map(async ({ name, kind, address, url, probe }) => ({
    ...{ name, kind, address, ...(url && { url }) },
    ...(await answering(probe(AbortSignal.timeout(5000)))),
  }));
  return Promise.all([
    ...components.map(async ({ name, kind, address, url, probe }) => {
      const state = states.get(name);
      const fixed = { name, kind, ...(address && { address }), ...(url && { url }) };
      if (!supervised) return { ...fixed, state: 'not supervised' };
      if (state?.statename !== 'RUNNING') return { ...fixed, state: describeState(state) };
      const { main, all } = findProcesses(state.pid, processes);
      const memory = await Promise.all(all.map(memoryOf));
      return {
        ...fixed,
        ...(await answering(probe(AbortSignal.timeout(5000), new Date(state.start * 1000)))),
        pid: main,
        uptimeSeconds: state.now - state.start,
        memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
      };
    }),
    ...others,
  ]);
}
