import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process as /proc shows it (man 5 proc). */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly state: string;
  /** When it was started, in clock ticks since the machine was. */
  readonly started: number;
}

/** The processes of this machine that could be read; empty where there is no /proc. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  const names = await readdir('/proc').catch(() => []);
  const entries = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))),
  );
  return entries.filter((entry) => entry !== undefined);
}

async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The command stands in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent = '', group = '', session = ''] = fields;
  return {
    pid,
    ...{ parent: Number(parent), group: Number(group), session: Number(session) },
    ...{ state, started: Number(fields[19]) },
  };
}

/**
 * The living processes that were started below `folder`: those of the session `session`, and those
 * that left it but still work in `folder`. A pid alone could by now belong to somebody else. Of `any`
 * session: also those of a session that is not known any more.
 */
export async function processesOf(
  folder: string,
  session: number | 'any' | undefined,
): Promise<number[]> {
  const processes = (await listProcesses()).filter(
    ({ pid, state }) => state !== 'Z' && pid !== process.pid,
  );
  const owned = await Promise.all(
    processes.map(async (entry) => {
      const [cwd, environment] = await Promise.all([
        readlink(`/proc/${entry.pid}/cwd`).catch(() => ''),
        readFile(`/proc/${entry.pid}/environ`, 'utf8').catch(() => ''),
      ]);
      const works = cwd === folder || cwd.startsWith(`${folder}/`);
      const marked = environment.split('\0').includes(`PROVEHOUSE_STATE=${folder}`);
      return marked || (works && (session === 'any' || entry.session === session))
        ? entry.pid
        : undefined;
    }),
  );
  return owned.filter((pid) => pid !== undefined);
}

/** Whether a process with that pid is alive, a zombie not counting as such. */
export async function isAlive(pid: number): Promise<boolean> {
  const entry = await readProcess(pid);
  if (entry !== undefined) return entry.state !== 'Z';
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux';
  } catch {
    return false;
  }
}

/** Sends a signal to a process, if it still runs. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Names a process so that no later one with its pid is taken for it, in digits and a dash; without /proc
 * by its pid alone.
 */
export const identityOf = async (pid: number): Promise<string> =>
  `${pid}-${(await readProcess(pid))?.started ?? 0}`;

/** The pid in such an identity. */
export const pidIn = (identity: string): number => Number(identity.split('-')[0]);

/** Whether the process of that identity is still alive. */
export async function isSameAlive(identity: string): Promise<boolean> {
  const pid = pidIn(identity);
  return (await isAlive(pid)) && (await identityOf(pid)) === identity;
}

/** The proportional set size of a process in bytes; shared pages count by share. */
export async function memoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}

/** States of sockets in the kernel's tables: a server's, and one that takes datagrams of anybody. */
const LISTENS = { tcp: '0A', udp: '07' } as const;

/** Says which process listens on a port of this machine, for an error message. */
export async function listenerOf(
  port: number,
  { udp }: { readonly udp?: boolean } = {},
): Promise<string> {
  const protocol = udp ? 'udp' : 'tcp';
  const inodes = new Set<string>();
  for (const table of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    const rows = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const row of rows) {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      const listens = state === LISTENS[protocol];
      if (listens && Number.parseInt(local.split(':')[1] ?? '', 16) === port) inodes.add(inode);
    }
  }
  for (const { pid } of inodes.size > 0 ? await listProcesses() : []) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) {
        const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
        return `process ${pid} (${command.trim()})`;
      }
    }
  }
  return 'a process that this user may not see';
}
