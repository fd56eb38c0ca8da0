import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { whyUnreachable } from './engine-host.ts';
import { absentPlaces, controlGroupOf, removeRemains } from './engine-remains.ts';
import { networkState, restoreNetwork } from './network-state.ts';

/** Thrown when an engine cannot be started; the message holds its last lines. */
export class EngineStartError extends Error {
  override readonly name = 'EngineStartError';
}

/** Thrown when an engine or what it leaves cannot be removed; says what is left. */
export class EngineStopError extends Error {
  override readonly name = 'EngineStopError';
}

/** An engine that works in a folder of its own. */
export interface OwnEngine {
  /** Where it listens, as in DOCKER_HOST. */
  readonly host: string;
  readonly pid: number;
  /** Its folder, which goes with it. */
  readonly folder: string;
  /**
   * Ends the engine with all its containers, and removes all that it has made on this machine.
   * @throws EngineStopError
   */
  stop(): Promise<void>;
}

export interface OwnEngineOptions {
  /**
   * In a network of its own it does not touch this machine's, and can work beside another engine;
   * what it publishes is not reached from outside then.
   */
  readonly ownNetwork?: boolean;
  /** In milliseconds. */
  readonly startTimeout?: number;
}

const START_TIMEOUT = 60_000;
/** The engine itself gives its containers 15 s. */
const STOP_TIMEOUT = 30_000;
const LAST_LINES = 15;

/**
 * Starts a Docker engine as root on Linux, which ends with this process at the latest. Ports of its
 * default network are published on 127.0.0.1; for other networks the address must be said.
 * @throws EngineStartError; nothing is left then
 */
export async function startOwnEngine(options: OwnEngineOptions = {}): Promise<OwnEngine> {
  const network = options.ownNetwork === true ? undefined : await networkState();
  const places = await absentPlaces();
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'provehouse-engine-'));
  const log = join(folder, 'dockerd.log');
  const host = `unix://${join(folder, 'docker.sock')}`;
  const child = await launch(folder, host, log, options.ownNetwork === true);
  let running = true;
  const ended = Promise.race([
    once(child, 'exit').then(([code, signal]) => `dockerd ended with ${code ?? signal}`),
    once(child, 'error').then(([error]) => `dockerd could not be started: ${error.message}`),
  ]).finally(() => {
    running = false;
  });
  const remove = async (): Promise<void> => {
    if (running) child.kill('SIGTERM');
    await Promise.race([ended, delay(STOP_TIMEOUT, undefined, { ref: false })]);
    await removeRemains(folder, places);
    if (network !== undefined) await restoreNetwork(network);
  };
  const problem = await untilAnswers(host, () => running, options.startTimeout ?? START_TIMEOUT);
  if (problem !== undefined || child.pid === undefined) {
    const why = running ? problem : await ended;
    const lines = (await readFile(log, 'utf8')).trim().split('\n').slice(-LAST_LINES).join('\n');
    const message = `The container engine did not start: ${why}.\n${lines}`;
    await remove().catch((cause: unknown) => {
      throw new EngineStartError(`${message}\nWhat it left was not removed.`, { cause });
    });
    throw new EngineStartError(message);
  }
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= remove().catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new EngineStopError(`The container engine in ${folder} was not removed: ${why}`, {
        cause,
      });
    }));
  return { host, pid: child.pid, folder, stop };
}

async function launch(
  folder: string,
  host: string,
  log: string,
  ownNetwork: boolean,
): Promise<ChildProcess> {
  const configuration = join(folder, 'daemon.json');
  // Its own file, so that one of this machine does not count.
  await writeFile(configuration, '{ "exec-opts": ["native.cgroupdriver=cgroupfs"] }\n');
  const output = await open(log, 'w');
  const words = [
    ...['--config-file', configuration, '--host', host, '--ip', '127.0.0.1'],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'run')],
    ...['--pidfile', join(folder, 'dockerd.pid'), '--cgroup-parent', `/${controlGroupOf(folder)}`],
  ];
  const network = ownNetwork ? ['unshare', '--net'] : [];
  try {
    // In a session of its own, so that Ctrl-C does not end it before those who use it.
    return spawn('setpriv', ['--pdeathsig', 'TERM', ...network, 'dockerd', ...words], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
  } finally {
    await output.close();
  }
}

/** Waits until the engine answers; gives in words why it does not. */
async function untilAnswers(
  host: string,
  isRunning: () => boolean,
  timeout: number,
): Promise<string | undefined> {
  const deadline = Date.now() + timeout;
  let problem: string | undefined;
  do {
    problem = await whyUnreachable(host, 1_000);
    if (problem === undefined) return undefined;
    await delay(50);
  } while (isRunning() && Date.now() < deadline);
  return problem;
}
