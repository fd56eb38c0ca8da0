import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listProcesses, nativeRuntime, signalProcess } from '@provehouse/infra';

/** The variable by which what a run of the tests has started is known, also when its parents are gone. */
export const TEST_RUN = 'PROVEHOUSE_TEST_RUN';

const GRACE_MS = 10_000;
const POLL_MS = 100;

interface LeftProcess {
  readonly pid: number;
  readonly command: string;
  /** The folder of the platform to which it belongs, if it does. */
  readonly platform: string | undefined;
}

/**
 * Ends what a run of the tests has left behind: platforms are taken down and their data in the folder
 * for temporary files is removed, other processes are asked to end and then killed. Gives what was found, in
 * words; nothing where there is no /proc.
 * @param patienceMs how long processes may take to end by themselves
 * @param graceMs how long those that are asked to end may take for it
 */
export async function endWhatIsLeft(
  run: string,
  patienceMs = 0,
  graceMs = GRACE_MS,
): Promise<string[]> {
  const found = await leftAfter(run, patienceMs);
  const platforms = new Set(found.flatMap(({ platform }) => platform ?? []));
  const said = await Promise.all([...platforms].map(takeDown));
  const others = await processesOf(run);
  for (const { pid } of others) signalProcess(pid, 'SIGTERM');
  for (const { pid } of await leftAfter(run, graceMs)) signalProcess(pid, 'SIGKILL');
  for (const home of new Set([...platforms].map((folder) => dirname(folder)))) {
    if (home.startsWith(`${tmpdir()}${sep}`)) await rm(home, { recursive: true, force: true });
  }
  return [...said, ...others.map(({ pid, command }) => `process ${pid}: ${command}`)];
}

/** Takes a platform down; of one that cannot be, the processes are left to be ended one by one. */
async function takeDown(folder: string): Promise<string> {
  const what = `a platform in ${folder}`;
  try {
    await nativeRuntime({ home: dirname(folder), name: basename(folder) }).down({ purge: true });
    return what;
  } catch (error) {
    return `${what}, which could not be taken down: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The processes of a run that have not ended after so many milliseconds. */
async function leftAfter(run: string, milliseconds: number): Promise<LeftProcess[]> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const left = await processesOf(run);
    if (left.length === 0 || Date.now() >= deadline) return left;
    await delay(POLL_MS);
  }
}

/** The living processes of a run, but this one. */
async function processesOf(run: string): Promise<LeftProcess[]> {
  const processes = await Promise.all(
    (await listProcesses())
      .filter(({ pid }) => pid !== process.pid)
      .map(({ pid }) => readMarked(pid, run)),
  );
  return processes.filter((found) => found !== undefined);
}

async function readMarked(pid: number, run: string): Promise<LeftProcess | undefined> {
  // One that has ended, or is somebody else's, shows nothing.
  const [environment, command] = await Promise.all(
    ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  );
  const variables = environment?.split('\0') ?? [];
  if (!variables.includes(`${TEST_RUN}=${run}`)) return undefined;
  const state = variables.find((variable) => variable.startsWith('PROVEHOUSE_STATE='));
  return {
    pid,
    command: command?.split('\0').join(' ').trim().slice(0, 200) ?? '',
    platform: state?.slice(state.indexOf('=') + 1),
  };
}
