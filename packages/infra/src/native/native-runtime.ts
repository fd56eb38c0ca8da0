import { access, chmod, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateSecrets, readSecrets, writeSecrets } from '@provehouse/secrets';
import { readDeployment, writeDeployment, type Deployment } from '../deployment.ts';
import type { ComponentStatus, Progress, Runtime, UpOptions } from '../runtime.ts';
import { createTopology } from '../topology.ts';
import { askClusterSize } from './clickhouse.ts';
import type { Component } from './component.ts';
import { lockPlatform } from './lock.ts';
import { portRequests, readPlan, readShape, writePlan, type Plan } from './plan.ts';
import { assemble, type Platform } from './platform.ts';
import { planPorts } from './ports.ts';
import { descendantsOf, memoryOf, processesOf } from './processes.ts';
import { findPrograms, WORKSPACE } from './programs.ts';
import { describeState, startComponents, untilReady } from './start.ts';
import { stateFolder, type StateFolder } from './state-folder.ts';
import { endLeftProcesses, stopPlatform } from './stop.ts';
import {
  isSupervisorRunning,
  processStates,
  readSession,
  startProcess,
  startSupervisor,
  stopProcess,
} from './supervisord.ts';

/** Thrown when what is asked does not fit the platform as it is. */
export class PlatformStateError extends Error {
  override readonly name = 'PlatformStateError';
}

const silent: Progress = { message() {}, waiting() {}, ready() {} };

/** Platforms that run as ordinary processes of this machine. @throws SecretsError for a name that cannot be a platform's */
export function nativeRuntime({
  home,
  name,
}: {
  readonly home: string;
  readonly name: string;
}): Runtime {
  const folder = stateFolder(resolve(home), name);

  return {
    directory: folder.root,
    up: (options = {}) => up(folder, name, options),
    async down({ purge = false } = {}) {
      if (!(await exists(folder.root))) return;
      await using _lock = await lockPlatform(folder);
      await stopPlatform(folder);
      if (purge) {
        await rm(folder.data, { recursive: true, force: true });
        await rm(folder.logs, { recursive: true, force: true });
        await rm(join(folder.root, 'verify'), { recursive: true, force: true });
      }
    },
    status: () => status(folder),
    async logFile(component) {
      const file = join(folder.logs, `${component}.log`);
      if (await exists(file)) return file;
      const plan = await readPlan(folder);
      const known = plan ? componentNames(await load(folder, plan)).join(', ') : 'none';
      throw new PlatformStateError(`No log of ${component}. Components with logs: ${known}.`);
    },
    async start(component) {
      const part = await findComponent(folder, component);
      await startProcess(folder, component);
      await untilReady(folder, part, new AbortController().signal);
    },
    async stop(component) {
      await findComponent(folder, component);
      await stopProcess(folder, component);
    },
    async kill(component) {
      await findComponent(folder, component);
      const pid = (await processStates(folder)).get(component)?.pid ?? 0;
      for (const victim of pid > 0 ? [pid, ...(await descendantsOf(pid))] : []) {
        process.kill(victim, 'SIGKILL');
      }
      await untilNotRunning(folder, component);
    },
    async restart(component) {
      await this.stop(component);
      await this.start(component);
    },
    async restartAll(progress = silent) {
      const plan = await readPlan(folder);
      if (plan === undefined) throw notRunning();
      await this.down();
      const { airflow, ...kept } = plan;
      return this.up({ ...kept, without: airflow ? [] : ['airflow'], progress });
    },
  };
}

async function up(folder: StateFolder, name: string, options: UpOptions): Promise<Deployment> {
  const { progress = silent, signal = new AbortController().signal } = options;
  await using _lock = await lockPlatform(folder);
  const runs = await isSupervisorRunning(folder);
  const plan = runs
    ? await planOfRunning(folder, options)
    : await planNew(folder, options, progress);
  const platform = await load(folder, plan, progress);
  if (runs && (await exists(folder.deploymentFile)) && (await allRun(folder, platform))) {
    const quick = platform.components.filter(({ slowProbe }) => !slowProbe).map(withoutSetup);
    await startComponents(folder, quick, quiet, signal);
    progress.message('Everything runs already; nothing was changed.');
    return readDeployment(folder.deploymentFile);
  }
  await rm(folder.deploymentFile, { force: true });
  try {
    if (!runs) await startFresh(folder, plan, platform, signal);
    await startComponents(
      folder,
      platform.components,
      {
        onWaiting: (component) => progress.waiting(component),
        onReady: (component, seconds) => progress.ready(component, seconds),
      },
      signal,
    );
    await askClusterSize(platform.clickhouse);
    const deployment = await platform.describe(name);
    await writeDeployment(folder.deploymentFile, deployment);
    return deployment;
  } catch (error) {
    if (!runs) {
      progress.message('Taking down what was started.');
      await stopPlatform(folder);
    }
    throw error;
  }
}

const quiet = { onWaiting() {}, onReady() {} };

/** The component as one that already runs is asked: its files and database are left as they are. */
const withoutSetup = ({ prepare: _, provision: __, ...component }: Component): Component =>
  component;

async function startFresh(
  folder: StateFolder,
  plan: Plan,
  platform: Platform,
  signal: AbortSignal,
): Promise<void> {
  for (const path of [folder.config, folder.data, folder.logs, folder.run]) {
    await mkdir(path, { recursive: true });
  }
  await chmod(folder.config, 0o700);
  await writePlan(folder, plan);
  const { supervisord } = await findPrograms();
  await startSupervisor(folder, supervisord, platform.components, signal);
}

/** @throws PlatformStateError when the platform runs with other settings than those asked for */
async function planOfRunning(folder: StateFolder, options: UpOptions): Promise<Plan> {
  const plan = await readPlan(folder);
  if (plan === undefined) {
    throw new PlatformStateError('supervisord runs, but its plan is gone. Run infra:down first.');
  }
  const asked: Record<string, [unknown, unknown]> = {
    shards: [options.shards ?? plan.shards, plan.shards],
    replicas: [options.replicas ?? plan.replicas, plan.replicas],
    airflow: [options.without ? !options.without.includes('airflow') : plan.airflow, plan.airflow],
    'DAGs folder': [options.dagsFolder ?? plan.dagsFolder, plan.dagsFolder],
  };
  for (const [port, number] of Object.entries(options.ports ?? {})) {
    asked[`port ${port}`] = [number, plan.ports[port]];
  }
  const other = Object.entries(asked).filter(([, [wanted, found]]) => wanted !== found);
  if (other.length > 0) {
    const list = other
      .map(([what, [wanted, found]]) => `${what} ${found}, not ${wanted}`)
      .join('; ');
    throw new PlatformStateError(`The platform runs with ${list}. Run infra:down first.`);
  }
  return plan;
}

async function planNew(folder: StateFolder, options: UpOptions, progress: Progress): Promise<Plan> {
  const left = await processesOf(folder.root, await readSession(folder));
  if (left.length > 0) {
    progress.message(`Ending ${left.length} processes that an earlier start left.`);
    await endLeftProcesses(folder);
  }
  const shape = await readShape(folder);
  const { shards = shape?.shards ?? 2, replicas = shape?.replicas ?? 2 } = options;
  if (shape && (shape.shards !== shards || shape.replicas !== replicas)) {
    throw new PlatformStateError(
      `The data in ${folder.data} is of ${shape.shards} × ${shape.replicas} nodes, ` +
        `not ${shards} × ${replicas}. Remove it with infra:down --purge, or choose another --name.`,
    );
  }
  const airflow = !(options.without ?? []).includes('airflow');
  const dagsFolder = resolve(options.dagsFolder ?? join(WORKSPACE, 'packages/etl-dags/dags'));
  if (airflow && !(await exists(dagsFolder))) {
    throw new PlatformStateError(`There is no DAGs folder ${dagsFolder}.`);
  }
  const topology = createTopology({ shards, replicas });
  const { ports, moved } = await planPorts(portRequests(topology, airflow), options.ports ?? {});
  for (const { name, preferred, port, owner } of moved) {
    progress.message(`${name}: port ${preferred} is taken by ${owner}; using ${port}.`);
  }
  return { shards, replicas, airflow, dagsFolder, ports };
}

/** The platform of a plan; makes its secrets if there are none. */
async function load(folder: StateFolder, plan: Plan, progress = silent): Promise<Platform> {
  if (!(await exists(folder.secretsFile))) {
    await mkdir(folder.root, { recursive: true });
    await writeSecrets(folder.secretsFile, generateSecrets(), { force: false });
    progress.message(`New secrets are in ${folder.secretsFile}.`);
  }
  const secrets = await readSecrets(folder.secretsFile);
  const programs = await findPrograms();
  return assemble({ folder, plan, secrets, programs, onMessage: (text) => progress.message(text) });
}

const componentNames = ({ components }: Platform): string[] => components.map(({ name }) => name);

async function allRun(folder: StateFolder, platform: Platform): Promise<boolean> {
  const states = await processStates(folder);
  return componentNames(platform).every((name) => states.get(name)?.statename === 'RUNNING');
}

/** @throws PlatformStateError when nothing runs or nothing has that name */
async function findComponent(folder: StateFolder, name: string): Promise<Component> {
  const plan = await readPlan(folder);
  if (plan === undefined || !(await isSupervisorRunning(folder))) {
    throw notRunning();
  }
  const { components } = await load(folder, plan);
  const found = components.find((component) => component.name === name);
  if (found === undefined) {
    const known = components.map((component) => component.name).join(', ');
    throw new PlatformStateError(`There is no component ${name}. Components: ${known}.`);
  }
  return found;
}

const notRunning = (): PlatformStateError =>
  new PlatformStateError('The platform does not run. Start it with infra:up.');

async function untilNotRunning(folder: StateFolder, component: string): Promise<void> {
  while ((await processStates(folder)).get(component)?.statename === 'RUNNING') {
    await new Promise((done) => setTimeout(done, 30));
  }
}

async function status(folder: StateFolder): Promise<readonly ComponentStatus[]> {
  const plan = await readPlan(folder);
  if (plan === undefined) return [];
  const { components } = await load(folder, plan);
  const supervised = await isSupervisorRunning(folder);
  const states = supervised ? await processStates(folder) : new Map();
  return Promise.all(
    components.map(async ({ name, kind, address, url, probe }) => {
      const state = states.get(name);
      const fixed = { name, kind, ...(address && { address }), ...(url && { url }) };
      if (!supervised) return { ...fixed, state: 'not supervised' };
      if (state?.statename !== 'RUNNING') return { ...fixed, state: describeState(state) };
      const pids = [state.pid, ...(await descendantsOf(state.pid))];
      const memory = await Promise.all(pids.map(memoryOf));
      return {
        ...fixed,
        ...(await probe(AbortSignal.timeout(5000), new Date(state.start * 1000)).then(
          () => ({ state: 'ready' }),
          (error: Error) => ({ state: 'not answering', reason: error.message || error.name }),
        )),
        pid: state.pid,
        uptimeSeconds: state.now - state.start,
        memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
      };
    }),
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
