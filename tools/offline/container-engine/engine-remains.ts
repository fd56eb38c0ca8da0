import { execFile } from 'node:child_process';
import { access, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** Thrown when something that an engine has left cannot be removed. */
export class EngineRemainsError extends Error {
  override readonly name = 'EngineRemainsError';
}

const CONTROL_GROUPS = '/sys/fs/cgroup';
/** What an engine makes outside of its folders, and never removes; files before their folders. */
const PLACES = [
  '/etc/docker/key.json',
  '/etc/docker',
  '/run/containerd/s',
  '/run/containerd',
  '/run/docker/plugins',
  '/run/docker',
];
const END_TIMEOUT = 10_000;

/** The control group of all containers of the engine that works in that folder. */
export const controlGroupOf = (folder: string): string => basename(folder);

/** Those places for traces of an engine that do not exist yet. */
export async function absentPlaces(): Promise<string[]> {
  const present = await Promise.all(PLACES.map(exists));
  return PLACES.filter((_, index) => present[index] !== true);
}

/**
 * Removes what an engine leaves that has ended, in whatever way: processes, mounts, control groups,
 * its folder, and `places` as far as nobody else uses them.
 * @throws EngineRemainsError, and then the folder is still there
 */
export async function removeRemains(folder: string, places: readonly string[]): Promise<void> {
  await endProcesses(folder);
  // Innermost first.
  for (const mount of (await mountsBelow(folder)).toReversed()) {
    await promisify(execFile)('umount', [mount]).catch((cause: unknown) => {
      throw new EngineRemainsError(`${mount} could not be unmounted.`, { cause });
    });
  }
  for (const group of await controlGroups(folder)) await removeGroup(group);
  await rm(folder, { recursive: true, force: true });
  for (const place of places) {
    const remove = place.endsWith('.json') ? rm : rmdir;
    // It may not be there, or by now belong to somebody else as well.
    await remove(place).catch(() => undefined);
  }
}

async function endProcesses(folder: string): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT;
  for (;;) {
    const pids = await processesOf(folder);
    if (pids.length === 0) return;
    if (Date.now() > deadline) {
      throw new EngineRemainsError(`Processes ${pids.join(', ')} of ${folder} do not end.`);
    }
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The engine's own programs name its folder in their command line; containers are in its group. */
async function processesOf(folder: string): Promise<number[]> {
  const pids = new Set<number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const isOfEngine = /(^|\/)(dockerd|containerd|containerd-shim[^/]*|docker-proxy|runc)$/;
    const names = words.some((word) => word.includes(`${folder}/`));
    if (isOfEngine.test(words[0] ?? '') && names) pids.add(Number(name));
  }
  for (const group of await controlGroups(folder)) {
    for (const pid of await membersOf(group)) pids.add(pid);
  }
  return [...pids];
}

/** The engine's group in each hierarchy of control groups, of which the second version has one. */
async function controlGroups(folder: string): Promise<string[]> {
  const hierarchies = await readdir(CONTROL_GROUPS, { withFileTypes: true }).catch(() => []);
  const roots = hierarchies
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(CONTROL_GROUPS, entry.name));
  const groups = [CONTROL_GROUPS, ...roots].map((root) => join(root, controlGroupOf(folder)));
  const present = await Promise.all(groups.map(exists));
  return groups.filter((_, index) => present[index] === true);
}

async function membersOf(group: string): Promise<number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
  const own = text.split('\n').filter(Boolean).map(Number);
  const inner = await Promise.all((await subgroups(group)).map(membersOf));
  return [...own, ...inner.flat()];
}

async function removeGroup(group: string): Promise<void> {
  for (const inner of await subgroups(group)) await removeGroup(inner);
  await rmdir(group).catch((cause: NodeJS.ErrnoException) => {
    // Two names of one hierarchy, such as cpu and cpuacct, show the same group.
    if (cause.code === 'ENOENT') return;
    throw new EngineRemainsError(`The control group ${group} could not be removed.`, { cause });
  });
}

const subgroups = async (group: string): Promise<string[]> =>
  (await readdir(group, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(group, entry.name));

/** Mount points below the folder, in the order in which they were mounted. */
async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, unescape))
    .filter((point) => point.startsWith(`${folder}/`));
}

const unescape = (_: string, octal: string): string =>
  String.fromCharCode(Number.parseInt(octal, 8));

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
