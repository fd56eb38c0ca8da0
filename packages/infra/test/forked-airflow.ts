import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { findProcesses } from '../src/native/component-processes.ts';
import { processState, processStates } from '../src/native/supervisord.ts';
import { stateFolder } from '../src/state/state-folder.ts';
import { isAlive, listProcesses } from '../src/system/processes.ts';
import type { TemporaryPlatform } from './temporary-platform.ts';

const COMPONENTS = [
  'airflow-api-server',
  'airflow-scheduler',
  'airflow-dag-processor',
  'airflow-triggerer',
  'airflow-worker',
  'airflow-flower',
];

const commandOf = async (pid: number): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();

const parentOf = async (pid: number): Promise<number | undefined> =>
  (await listProcesses()).find((entry) => entry.pid === pid)?.parent;

/** Tests of the processes of a native platform with Airflow, each of which leaves every component ready. */
export function testForkedAirflow(running: () => TemporaryPlatform): void {
  const folder = () => stateFolder(running().home, 'test');

  /** The pid of the process that does each component's work; nobody is asked whether it does it. */
  const pids = async (): Promise<Map<string, number>> => {
    const processes = await listProcesses();
    const states = [...(await processStates(folder()))].filter(([, { pid }]) => pid !== 0);
    return new Map(states.map(([name, { pid }]) => [name, findProcesses(pid, processes).main]));
  };

  const pidOf = async (component: string): Promise<number> => (await pids()).get(component) ?? 0;

  const stateOf = async (component: string): Promise<string> =>
    (await running().runtime.status()).find(({ name }) => name === component)?.state ?? '';

  test('every component is a process forked from the one that has imported Airflow, under its own name', async () => {
    const statuses = await running().runtime.status();
    const all = new Map(statuses.map(({ name, pid }) => [name, pid]));
    expect(all).toEqual(await pids());
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
    await running().runtime.kill('airflow-triggerer');
    expect(await stateOf('airflow-triggerer')).toBe('ended by a signal');
    expect(await isAlive(before.get('airflow-triggerer') ?? 0)).toBe(false);
    await running().runtime.start('airflow-triggerer');
    await running().runtime.restart('airflow-worker');
    const after = await pids();
    const changed = [...after].filter(([name, pid]) => before.get(name) !== pid);
    expect(changed.map(([name]) => name).sort()).toEqual(['airflow-triggerer', 'airflow-worker']);
    expect(await parentOf(await pidOf('airflow-worker'))).toBe(before.get('airflow-parent'));
  });

  test('a component that is frozen does not answer, and its siblings do', async () => {
    await running().runtime.freeze('airflow-api-server');
    try {
      const states = (await running().runtime.status()).map(
        ({ name, state }) => `${name} ${state}`,
      );
      expect(states).toEqual(
        expect.arrayContaining([
          'airflow-api-server not answering',
          'airflow-flower ready',
          'airflow-parent ready',
        ]),
      );
    } finally {
      await running().runtime.thaw('airflow-api-server');
    }
    await expect.poll(() => stateOf('airflow-api-server'), { timeout: 20_000 }).toBe('ready');
  });

  test('a component whose supervised process is killed ends with it', async () => {
    const pid = await pidOf('airflow-flower');
    process.kill((await processState(folder(), 'airflow-flower')).pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
    await running().runtime.start('airflow-flower');
    expect(await pidOf('airflow-flower')).not.toBe(pid);
  });

  test('components outlive their parent, start without it, and the next start of the platform brings it back', async () => {
    const before = await pids();
    await running().runtime.kill('airflow-parent');
    for (const component of COMPONENTS) {
      expect(await isAlive(before.get(component) ?? 0), component).toBe(true);
    }
    expect(await pidOf('airflow-scheduler')).toBe(before.get('airflow-scheduler'));
    // Its process is one that nobody waits for any more: that it has ended is seen all the same.
    process.kill(before.get('airflow-flower') ?? 0, 'SIGKILL');
    await expect.poll(() => stateOf('airflow-flower')).toBe('exited with code 1');
    await running().runtime.start('airflow-flower');
    expect(await commandOf(await pidOf('airflow-flower'))).toMatch(/airflow celery flower$/);

    await running().runtime.up();
    const after = await pids();
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect(after.get('airflow-parent')).not.toBe(before.get('airflow-parent'));
    await running().runtime.restart('airflow-flower');
    expect(await parentOf(await pidOf('airflow-flower'))).toBe(after.get('airflow-parent'));
  });
}
