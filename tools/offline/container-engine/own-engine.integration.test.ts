import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import { whyUnreachable } from './engine-host.ts';
import { removeRemains } from './engine-remains.ts';
import { docker, importEmptyImage, MACHINES_PROGRAMS, whyNoTrial } from './engine-trial.ts';
import { EngineStartError, type OwnEngine, startOwnEngine } from './own-engine.ts';

const obstacle = await whyNoTrial();
if (obstacle !== undefined) process.stderr.write(`NOT RUN: tests of an own engine; ${obstacle}.\n`);
const trial = it.skipIf(obstacle !== undefined);

/** An engine beside the one that may run on this machine. */
async function engine(): Promise<OwnEngine> {
  const started = await startOwnEngine({ ownNetwork: true });
  onTestFinished(() => started.stop());
  return started;
}

/** All that an engine in that folder could leave on this machine. */
async function tracesOf(folder: string): Promise<string[]> {
  const name = basename(folder);
  const { stdout: groups } = await promisify(execFile)('find', ['/sys/fs/cgroup', '-name', name]);
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const processes = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  const files = await readdir(tmpdir());
  return [...groups.split('\n'), ...mounts.split('\n'), ...processes, ...files].filter((trace) =>
    trace.includes(name),
  );
}

/** Whether the process runs; one that has ended and that nobody has asked about has no words. */
const isAlive = async (pid: number): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';

/** Number of the bridge of this machine's usual engine: another one if it was made again. */
const usualBridge = (): Promise<string> =>
  readFile('/sys/class/net/docker0/ifindex', 'utf8').catch(() => 'none');

trial(
  'runs containers, leaves another engine its bridge, and leaves nothing when stopped',
  async () => {
    const before = await usualBridge();
    const started = await engine();
    const image = await importEmptyImage(started.host);
    const words = [...MACHINES_PROGRAMS, image, 'echo', 'it runs'];
    expect(await docker(started.host, 'run', ...words)).toBe('it runs');
    expect(await tracesOf(started.folder)).not.toEqual([]);
    await started.stop();
    expect(await tracesOf(started.folder)).toEqual([]);
    expect(await usualBridge()).toBe(before);
    expect(await whyUnreachable(started.host, 1_000)).toContain('nothing answers');
  },
);

trial('leaves nothing either when it was killed while a container ran', async () => {
  const started = await engine();
  const image = await importEmptyImage(started.host);
  const words = ['--detach', '--volume=data:/data', ...MACHINES_PROGRAMS, image, 'sleep', '600'];
  const container = await docker(started.host, 'run', ...words);
  const format = '--format={{.State.Pid}}';
  const pid = Number(await docker(started.host, 'inspect', format, container));
  process.kill(started.pid, 'SIGKILL');
  expect(await isAlive(pid)).toBe(true);
  await started.stop();
  expect(await isAlive(pid)).toBe(false);
  expect(await tracesOf(started.folder)).toEqual([]);
});

trial('says why it does not start, and leaves nothing', async () => {
  const engines = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('provehouse-engine-'));
  const before = await engines();
  const attempt = startOwnEngine({ ownNetwork: true, startTimeout: 0 });
  await expect(attempt).rejects.toThrow(EngineStartError);
  await expect(attempt).rejects.toThrow(/did not start: nothing answers at unix:/);
  expect(await engines()).toEqual(before);
});

trial('ends when the process that has started it is killed', async () => {
  const script = `
    import { startOwnEngine } from ${JSON.stringify(join(import.meta.dirname, 'own-engine.ts'))};
    const { pid, folder } = await startOwnEngine({ ownNetwork: true });
    console.log(JSON.stringify({ pid, folder }));
    setInterval(() => undefined, 1_000);
  `;
  const words = ['--input-type=module', '--eval', script];
  const starter = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(starter.stdout, 'data');
  const { pid, folder }: { pid: number; folder: string } = JSON.parse(String(line));
  onTestFinished(() => removeRemains(folder, []));
  expect(await isAlive(pid)).toBe(true);
  starter.kill('SIGKILL');
  await vi.waitFor(async () => expect(await isAlive(pid)).toBe(false), { timeout: 30_000 });
});
