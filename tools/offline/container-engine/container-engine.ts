import { readdir, readFile } from 'node:fs/promises';
import { DebianPackagesError, installDebianPackages, isDebian } from './debian-packages.ts';
import { DEFAULT_HOST, whyUnreachable } from './engine-host.ts';
import { EngineStartError, startOwnEngine } from './own-engine.ts';

/** What can be said of a container engine on this machine. */
export type ContainerEngine =
  | { readonly state: 'running' }
  | {
      readonly state: 'started';
      /** What a process needs in its environment to use it. */
      readonly environment: { readonly DOCKER_HOST: string };
      /** Ends it and removes all that it has made. @throws EngineStopError */
      readonly stop: () => Promise<void>;
    }
  | { readonly state: 'absent'; readonly reason: string };

export interface EngineOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Where an engine is looked for without DOCKER_HOST. */
  readonly usualHost?: string;
  /** Told in one line what is installed and started. */
  readonly progress?: (message: string) => void;
  readonly user?: number | undefined;
  readonly isDebian?: () => Promise<boolean>;
  /** Pids of the engines that run, wherever they listen. */
  readonly engines?: () => Promise<readonly string[]>;
  readonly install?: typeof installDebianPackages;
  readonly start?: typeof startOwnEngine;
}

const ANSWER_TIMEOUT = 5_000;
/** The engine, and what starting it and tidying up after it need. */
const PACKAGES = ['docker.io', 'iptables', 'iproute2', 'util-linux'];

/**
 * Makes sure that a container engine can be reached. One that answers at DOCKER_HOST or at the usual
 * place is left as it is. Where there is none, one is started, and installed if need be, but only by
 * root on Debian with CI=true: elsewhere a machine is not changed unasked.
 * @throws EngineStartError when one should be there and does not start
 */
export async function ensureContainerEngine(options: EngineOptions = {}): Promise<ContainerEngine> {
  const { environment = process.env, progress } = options;
  const { install = installDebianPackages, start = startOwnEngine } = options;
  const given = environment['DOCKER_HOST'];
  const host = given ?? options.usualHost ?? DEFAULT_HOST;
  const problem = await whyUnreachable(host, ANSWER_TIMEOUT);
  if (problem === undefined) return { state: 'running' };
  if (given !== undefined) return { state: 'absent', reason: `DOCKER_HOST is set, but ${problem}` };
  const obstacles = await obstaclesTo(options);
  if (obstacles.length > 0) {
    const reason = `${problem}, and one is started only by root on Debian with CI=true (here: ${obstacles.join(', ')})`;
    return { state: 'absent', reason };
  }
  const [other] = await (options.engines ?? runningEngines)();
  if (other !== undefined) {
    // Two engines on one network take each other's bridge and rules away.
    return { state: 'absent', reason: `${problem}, though dockerd runs (process ${other})` };
  }
  try {
    await install(PACKAGES, progress ? { progress } : {});
  } catch (error) {
    if (!(error instanceof DebianPackagesError)) throw error;
    throw new EngineStartError('A container engine could not be installed.', { cause: error });
  }
  // The package starts it by itself on a machine that runs services.
  if ((await whyUnreachable(host, ANSWER_TIMEOUT)) === undefined) return { state: 'running' };
  progress?.('Starting a container engine …');
  const engine = await start();
  return {
    state: 'started',
    environment: { DOCKER_HOST: engine.host },
    stop: () => engine.stop(),
  };
}

async function obstaclesTo(options: EngineOptions): Promise<string[]> {
  const { environment = process.env, user = process.getuid?.() } = options;
  const debian = await (options.isDebian ?? isDebian)();
  return [
    ...(user === 0 ? [] : ['not root']),
    ...(debian ? [] : ['not Debian']),
    ...(environment['CI'] === 'true' ? [] : ['CI is not true']),
  ];
}

/** Pids of the engines on this machine, wherever they listen. */
async function runningEngines(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  );
  return pids.filter((_, index) => names[index]?.trim() === 'dockerd');
}
