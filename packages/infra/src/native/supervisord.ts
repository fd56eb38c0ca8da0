import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Component } from './component.ts';
import { pollUntil } from '../system/poll.ts';
import { retryUntil } from '../system/retry-until.ts';
import { isAlive } from '../system/processes.ts';
import type { StateFolder } from '../state/state-folder.ts';
import { TIME_ZONE } from '../system/time-zone.ts';
import { call, socketFile, SupervisorError } from './supervisor-rpc.ts';

/** State of a process as supervisord names it (https://supervisord.org/subprocess.html). */
const processSchema = z.object({
  name: z.string(),
  statename: z.string(),
  pid: z.number(),
  start: z.number(),
  now: z.number(),
  exitstatus: z.number(),
});

/** Fault of a call for a process that runs; it has none while it is being stopped. */
const NOT_RUNNING = 70;

/** supervisord kills what has not ended after 20 s, one component after the other when it ends itself. */
const PATIENCE = { seconds: 120, intervalMs: 50 };

export type SupervisedProcess = z.infer<typeof processSchema>;

const sessionFile = (folder: StateFolder): string => join(folder.run, 'session');

/** A word of a supervisord command line, which is split as a shell splits and expands `%`. */
const quoteWord = (word: string): string =>
  `'${word.replaceAll('%', '%%').replaceAll("'", `'"'"'`)}'`;

/**
 * supervisord's configuration for the components; it starts none of them by itself. A component that is
 * asked to end ends what it has started by itself: one that finds that gone already, as after a signal
 * to its whole group, may wait for it in vain.
 */
export function renderSupervisorConfig(
  folder: StateFolder,
  components: readonly Component[],
): string {
  const programs = components.map(
    ({ name, command, stopSignal = 'TERM' }) => `[program:${name}]
command=${command.map(quoteWord).join(' ')}
directory=${folder.run}
autostart=false
autorestart=false
startsecs=0
startretries=0
stopsignal=${stopSignal}
stopwaitsecs=20
killasgroup=true
redirect_stderr=true
stdout_logfile=${join(folder.logs, `${name}.log`)}
stdout_logfile_maxbytes=50MB
stdout_logfile_backups=1
`,
  );
  return `[unix_http_server]
file=${socketFile(folder)}
chmod=0600

[supervisord]
logfile=${join(folder.logs, 'supervisord.log')}
logfile_maxbytes=10MB
logfile_backups=1
pidfile=${join(folder.run, 'supervisord.pid')}
nodaemon=true
directory=${folder.run}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

${programs.join('\n')}`;
}

/** The session that all processes of the platform belong to, also when supervisord is gone. */
export async function readSession(folder: StateFolder): Promise<number | undefined> {
  const text = await readFile(sessionFile(folder), 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Whether this platform's supervisord runs and answers. */
export async function isSupervisorRunning(folder: StateFolder): Promise<boolean> {
  const session = await readSession(folder);
  if (session === undefined || !(await isAlive(session))) return false;
  return call(folder, 'supervisor.getState').then(
    () => true,
    () => false,
  );
}

/**
 * Starts supervisord as the leader of a session of its own and waits until it answers.
 * @throws SupervisorError with its last words when it ends or does not answer within 10 s
 */
export async function startSupervisor(
  folder: StateFolder,
  program: string,
  components: readonly Component[],
  signal: AbortSignal,
): Promise<void> {
  const config = join(folder.config, 'supervisord.conf');
  await writeFile(config, renderSupervisorConfig(folder, components), { mode: 0o600 });
  await mkdir(folder.socketFolder, { recursive: true, mode: 0o700 });
  await chmod(folder.socketFolder, 0o700);
  await rm(socketFile(folder), { force: true });
  const child = spawn(program, ['--configuration', config, '--silent'], {
    cwd: folder.run,
    detached: true,
    stdio: 'ignore',
    env: {
      ...process.env,
      PROVEHOUSE_STATE: folder.root,
      TZ: TIME_ZONE,
    },
  });
  const failed = once(child, 'error').then(([cause]) => {
    throw new SupervisorError(`${program} could not be started.`, { cause });
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new SupervisorError(
      `supervisord ended with code ${String(code)}. See ${join(folder.logs, 'supervisord.log')}.`,
    );
  });
  await Promise.race([once(child, 'spawn'), failed]);
  await writeFile(sessionFile(folder), String(child.pid));
  child.unref();
  await Promise.race([untilItAnswers(folder, signal), ended, failed]);
  ended.catch(() => undefined);
  failed.catch(() => undefined);
}

async function untilItAnswers(folder: StateFolder, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(10_000);
  try {
    await retryUntil(() => call(folder, 'supervisor.getState'), {
      signal: AbortSignal.any([signal, timeout]),
      interval: 30,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new SupervisorError('supervisord did not answer within 10 s.', { cause });
  }
}

/** Asks supervisord for the state of all processes. @throws SupervisorError */
export async function processStates(
  folder: StateFolder,
): Promise<ReadonlyMap<string, SupervisedProcess>> {
  const answer = await call(folder, 'supervisor.getAllProcessInfo');
  const processes = z.array(processSchema).parse(answer);
  return new Map(processes.map((entry) => [entry.name, entry]));
}

/** Asks supervisord for the state of one process. @throws SupervisorError, also for an unknown name */
export async function processState(folder: StateFolder, name: string): Promise<SupervisedProcess> {
  return processSchema.parse(await call(folder, 'supervisor.getProcessInfo', name));
}

/** Starts one process without waiting for it to serve. @throws SupervisorError */
export async function startProcess(folder: StateFolder, name: string): Promise<void> {
  await call(folder, 'supervisor.startProcess', name, false);
}

/** Stops one process and waits until it is gone; one that does not run is left alone. */
export async function stopProcess(folder: StateFolder, name: string): Promise<void> {
  if ((await processState(folder, name)).pid === 0) return;
  try {
    await call(folder, 'supervisor.stopProcess', name, true);
  } catch (error) {
    // It has ended by itself, or somebody else is stopping it.
    if (!(error instanceof SupervisorError) || error.faultCode !== NOT_RUNNING) throw error;
    await pollUntil(async () => (await processState(folder, name)).pid === 0, {
      ...PATIENCE,
      otherwise: `${name} still runs ${PATIENCE.seconds} s after it was asked to end. Kill its process: npx nx run infra:status shows the pid.`,
    });
  }
}

/** Ends supervisord, and with it what it still runs; returns when it is gone. */
export async function shutdownSupervisor(folder: StateFolder): Promise<void> {
  const session = await readSession(folder);
  await call(folder, 'supervisor.shutdown');
  if (session === undefined) return;
  await pollUntil(async () => !(await isAlive(session)), {
    ...PATIENCE,
    otherwise: `supervisord (process ${session}) still runs ${PATIENCE.seconds} s after it was asked to end. Kill it and repeat the command.`,
  });
}
