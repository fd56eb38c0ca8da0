import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryPlatform, type TemporaryPlatform } from '../../test/temporary-platform.ts';
import { isAlive, listProcesses } from '../system/processes.ts';
import type { ComponentStatus } from '../runtime.ts';
import { stateFolder, type StateFolder } from '../state/state-folder.ts';
import { processState } from './supervisord.ts';

// One platform for all: each test leaves every component ready.
let platform: TemporaryPlatform;
let folder: StateFolder;
beforeAll(async () => {
  platform = await temporaryPlatform();
  folder = stateFolder(platform.home, 'test');
  await platform.runtime.up();
});
afterAll(async () => {
  await platform[Symbol.asyncDispose]();
});

const COMPONENTS = [
  'airflow-api-server',
  'airflow-scheduler',
  'airflow-dag-processor',
  'airflow-triggerer',
  'airflow-worker',
  'airflow-flower',
];

/** The pid of the process that does each component's work. */
const pidsIn = (statuses: readonly ComponentStatus[]): Map<string, number> =>
  new Map(statuses.flatMap(({ name, pid }) => (pid === undefined ? [] : [[name, pid]])));

const pids = async (): Promise<Map<string, number>> => pidsIn(await platform.runtime.status());

const pidOf = async (component: string): Promise<number> => (await pids()).get(component) ?? 0;

const stateOf = async (component: string): Promise<string> =>
  (await platform.runtime.status()).find(({ name }) => name === component)?.state ?? '';

const commandOf = async (pid: number): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();

const parentOf = async (pid: number): Promise<number | undefined> =>
  (await listProcesses()).find((entry) => entry.pid === pid)?.parent;

test('every component is a process forked from the one that has imported Airflow, under its own name', async () => {
  const statuses = await platform.runtime.status();
  const all = pidsIn(statuses);
  for (const component of COMPONENTS) {
    const pid = all.get(component) ?? 0;
    expect(await parentOf(pid), component).toBe(all.get('airflow-parent'));
    // The worker names itself, as Celery does.
    const name = component === 'airflow-worker' ? 'celery' : component.replace('airflow-', '');
    expect((await commandOf(pid)).replaceAll('_', '-'), component).toContain(name);
  }
  const shared = statuses.filter(({ name }) => name.startsWith('airflow'));
  const memory = shared.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0);
  expect(memory).toBeLessThan(1.1 * 1024 ** 3);
});

test('a component is killed, stopped and started alone', async () => {
  const before = await pids();
  await platform.runtime.kill('airflow-triggerer');
  expect(await stateOf('airflow-triggerer')).toBe('ended by a signal');
  expect(await isAlive(before.get('airflow-triggerer') ?? 0)).toBe(false);
  await platform.runtime.start('airflow-triggerer');
  await platform.runtime.restart('airflow-worker');
  const after = await pids();
  const changed = [...after].filter(([name, pid]) => before.get(name) !== pid);
  expect(changed.map(([name]) => name).sort()).toEqual(['airflow-triggerer', 'airflow-worker']);
  expect(await parentOf(await pidOf('airflow-worker'))).toBe(before.get('airflow-parent'));
});

test('a component that is frozen does not answer, and its siblings do', async () => {
  await platform.runtime.freeze('airflow-api-server');
  try {
    const states = (await platform.runtime.status()).map(({ name, state }) => `${name} ${state}`);
    expect(states).toEqual(
      expect.arrayContaining([
        'airflow-api-server not answering',
        'airflow-flower ready',
        'airflow-parent ready',
      ]),
    );
  } finally {
    await platform.runtime.thaw('airflow-api-server');
  }
  await expect.poll(() => stateOf('airflow-api-server'), { timeout: 20_000 }).toBe('ready');
});

test('a component whose supervised process is killed ends with it', async () => {
  const pid = await pidOf('airflow-flower');
  process.kill((await processState(folder, 'airflow-flower')).pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
  await platform.runtime.start('airflow-flower');
  expect(await pidOf('airflow-flower')).not.toBe(pid);
});

test('components outlive their parent, start without it, and the next start of the platform brings it back', async () => {
  const before = await pids();
  await platform.runtime.kill('airflow-parent');
  for (const component of COMPONENTS) {
    expect(await isAlive(before.get(component) ?? 0), component).toBe(true);
  }
  expect(await pidOf('airflow-scheduler')).toBe(before.get('airflow-scheduler'));
  // Its process is one that nobody waits for any more: that it has ended is seen all the same.
  process.kill(before.get('airflow-flower') ?? 0, 'SIGKILL');
  await expect.poll(() => stateOf('airflow-flower')).toBe('exited with code 1');
  await platform.runtime.start('airflow-flower');
  expect(await commandOf(await pidOf('airflow-flower'))).toMatch(/airflow celery flower$/);

  await platform.runtime.up();
  const after = await pids();
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  expect(after.get('airflow-parent')).not.toBe(before.get('airflow-parent'));
  await platform.runtime.restart('airflow-flower');
  expect(await parentOf(await pidOf('airflow-flower'))).toBe(after.get('airflow-parent'));
});
