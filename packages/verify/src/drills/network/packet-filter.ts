import { readFile } from 'node:fs/promises';
import { $ } from 'zx';

/** Thrown when the packet filter refuses a rule. */
export class PacketFilterError extends Error {
  override readonly name = 'PacketFilterError';
}

/** Packets that no longer arrive: from the processes of a group to ports of the loopback address. */
export interface Cut {
  /** Group under which the processes run. */
  readonly group: number;
  readonly ports: readonly number[];
}

const TABLE = ['iptables', '-w', '10'];
/** Ports that one rule of iptables can name. */
const PORTS_PER_RULE = 15;

/**
 * Drops the packets of the cuts, silently, as a broken cable does; `mark` names the rules.
 * Matches: https://ipset.netfilter.org/iptables-extensions.man.html (owner, multiport, comment).
 * @throws PacketFilterError
 */
export async function dropPackets(cuts: readonly Cut[], mark: string): Promise<void> {
  for (const { group, ports } of cuts) {
    for (let first = 0; first < ports.length; first += PORTS_PER_RULE) {
      await filter(['-A', ...rule(group, ports.slice(first, first + PORTS_PER_RULE), mark)]);
    }
  }
}

/** Removes all rules with the mark; none is no error. @throws PacketFilterError */
export async function letPacketsPass(mark: string): Promise<void> {
  for (const line of await rulesWith(mark)) {
    // The listing quotes comments, which have no blank in them here.
    const words = line.replaceAll('"', '').split(' ').slice(1);
    await filter(['-D', ...words]);
  }
}

/** How many packets the rules with the mark have dropped. @throws PacketFilterError */
export async function droppedPackets(mark: string): Promise<number> {
  const listed = await filter(['-nvxL', 'OUTPUT']);
  return listed
    .split('\n')
    .filter((line) => line.includes(`/* ${mark} */`))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[0]), 0);
}

/** Why packets cannot be dropped on this machine, if so. */
export async function whyNotDropped(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return 'only root on Linux may change the packet filter';
  }
  const mark = `provehouse-trial-${process.pid}`;
  try {
    await dropPackets([{ group: 65_533, ports: [1] }], mark);
    await letPacketsPass(mark);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The group under which a process runs (man 5 proc). */
export async function groupOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^Gid:\s+(\d+)/m.exec(status)?.[1]);
}

const rule = (group: number, ports: readonly number[], mark: string): string[] => [
  ...['OUTPUT', '-o', 'lo', '-p', 'tcp', '-m', 'owner', '--gid-owner', String(group)],
  ...['-m', 'multiport', '--dports', ports.join(','), '-m', 'comment', '--comment', mark],
  ...['-j', 'DROP'],
];

const rulesWith = async (mark: string): Promise<string[]> =>
  (await filter(['-S', 'OUTPUT'])).split('\n').filter((line) => {
    const comment = /--comment "?([^"\s]+)"?/.exec(line)?.[1];
    return comment === mark;
  });

async function filter(words: readonly string[]): Promise<string> {
  const command = [...TABLE, ...words];
  const { exitCode, stdout, stderr } = await $({ quiet: true, nothrow: true })`${command}`;
  if (exitCode === 0) return stdout;
  throw new PacketFilterError(`iptables ${words.join(' ')} failed: ${stderr.trim()}`);
}
