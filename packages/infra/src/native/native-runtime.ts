import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { COMPONENTS } from '../components/index.ts';
import type { ComponentDescriptor } from '../components/descriptor.ts';
import { findProcesses } from './component-processes.ts';
import type { Component } from './component.ts';
import { askedAs } from '../clickhouse/engine.ts';
import { exists } from '../system/exists.ts';
import { componentNames, loadPlatform, type PlatformPlace } from './load-platform.ts';
import { PlatformStateError } from '../state/state-error.ts';
import { silent, type Runtime } from '../runtime.ts';
import { lockPlatform } from '../state/lock.ts';
import { modulesOf, readPlan } from './plan.ts';
import { pollUntil } from '../system/poll.ts';
import { listProcesses, signalProcess } from '../system/processes.ts';
import { untilReady } from './start.ts';
import { stateFolder, type StateFolder } from '../state/state-folder.ts';
import { status } from './status.ts';
import { stopPlatform } from './stop.ts';
import { isSupervisorRunning, processState, startProcess, stopProcess } from './supervisord.ts';
import { up } from './up.ts';

/** Platforms that run as ordinary processes of this machine. @throws SecretsError for a name that cannot be a platform's */
export function nativeRuntime({
  home,
  name,
  components = COMPONENTS,
}: {
  readonly home: string;
  readonly name: string;
  /** What platforms may be made of. */
  readonly components?: readonly ComponentDescriptor[];
}): Runtime {
  const folder = stateFolder(resolve(home), name);
  const place: PlatformPlace = { folder, descriptors: components };

  return {
    directory: folder.root,
    up(options = {}) {
      const { workers, consumers, images } = options;
      const given = {
        ...{ '--workers': workers, '--consumer': consumers, '--image': images },
      };
      const [option] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
      if (option !== undefined) {
        throw new PlatformStateError(
          `${option} is for containers: expected --runtime docker with it, found the native runtime.`,
        );
      }
      return up(place, name, options);
    },
    async down({ purge = false } = {}) {
      if (!(await exists(folder.root))) return;
      await using _lock = await lockPlatform(folder, 'stopping');
      await stopPlatform(place);
      if (purge) {
        await rm(folder.data, { recursive: true, force: true });
        await rm(folder.logs, { recursive: true, force: true });
        await rm(join(folder.root, 'verify'), { recursive: true, force: true });
      }
    },
    status: () => status(place),
    async logCommand(component, { lines, follow }) {
      const file = join(folder.logs, `${component}.log`);
      if (await exists(file)) return ['tail', '-n', String(lines), ...(follow ? ['-F'] : []), file];
      const plan = await readPlan(folder);
      const known = plan ? componentNames(await loadPlatform(place, plan)).join(', ') : 'none';
      throw new PlatformStateError(`No log of ${component}. Components with logs: ${known}.`);
    },
    async start(component) {
      const part = await findComponent(place, component);
      await startProcess(folder, component);
      await untilReady(folder, part, new AbortController().signal);
    },
    async stop(component) {
      await findComponent(place, component);
      await stopProcess(folder, component);
    },
    async kill(component) {
      await signalComponent(place, component, 'SIGKILL');
      await untilNotRunning(folder, component);
    },
    async freeze(component) {
      await signalComponent(place, component, 'SIGSTOP');
    },
    async thaw(component) {
      await signalComponent(place, component, 'SIGCONT');
    },
    dataFolder: (component) => join(folder.data, component),
    async restart(component) {
      await this.stop(component);
      await this.start(component);
    },
    async restartAll(progress = silent) {
      const plan = await readPlan(folder);
      if (plan === undefined) throw notRunning();
      await this.down();
      const { airflow, engine, modules: _, storageEndpoint, ...kept } = plan;
      return this.up({
        ...kept,
        ...askedAs(engine),
        ...(storageEndpoint !== undefined && { storageEndpoint }),
        with: modulesOf(plan),
        without: airflow ? [] : ['airflow'],
        progress,
      });
    },
  };
}

/** @throws PlatformStateError when nothing runs or nothing has that name */
async function findComponent(place: PlatformPlace, name: string): Promise<Component> {
  const { folder } = place;
  const plan = await readPlan(folder);
  if (plan === undefined || !(await isSupervisorRunning(folder))) {
    throw notRunning();
  }
  const { components } = await loadPlatform(place, plan);
  const found = components.find((component) => component.name === name);
  if (found === undefined) {
    const known = components.map((component) => component.name).join(', ');
    throw new PlatformStateError(`There is no component ${name}. Components: ${known}.`);
  }
  return found;
}

/** Sends a signal to the processes that do a component's work; to none when it does not run. */
async function signalComponent(
  place: PlatformPlace,
  component: string,
  signal: NodeJS.Signals,
): Promise<void> {
  await findComponent(place, component);
  const { pid } = await processState(place.folder, component);
  if (pid === 0) return;
  for (const each of findProcesses(pid, await listProcesses()).working) signalProcess(each, signal);
}

const notRunning = (): PlatformStateError =>
  new PlatformStateError('The platform does not run. Start it with infra:up.');

async function untilNotRunning(folder: StateFolder, component: string): Promise<void> {
  await pollUntil(async () => (await processState(folder, component)).statename !== 'RUNNING', {
    ...{ seconds: 60, intervalMs: 30 },
    otherwise: `${component} still runs 60 s after it was killed. Look at its process: npx nx run infra:status shows the pid.`,
  });
}
