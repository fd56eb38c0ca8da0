import { readFile } from 'node:fs/promises';
import { $ } from 'zx';
import { ProvehouseError } from '@provehouse/secrets';
import { isLinuxRoot } from './linux-root.ts';
import { identityOf, isSameAlive } from './processes.ts';

/** Thrown when the packet filter refuses a rule. */
export class PacketFilterError extends ProvehouseError {
  override readonly name = 'PacketFilterError';
}

/**
 * Packets that no longer arrive, of those that the processes of a group send by way of the loopback
 * device: those to some ports, or those that come from a port and contain a text.
 */
export type Cut = {
  /** Group under which the processes run. */
  readonly group: number;
} & ({ readonly ports: readonly number[] } | { readonly from: number; readonly text: string });

const COMMAND = ['iptables', '-w', '10'];
/** Ports that one rule of iptables can name. */
const PORTS_PER_RULE = 15;
const MARK = 'provehouse-drill-';

/** A name for the rules of this process about one subject, by which those of a dead one are known. */
export const packetMark = async (subject: string): Promise<string> =>
  `${MARK}${await identityOf(process.pid)}-${subject}`;

/**
 * Drops the packets of the cuts, silently, as a broken cable does; `mark` names the rules.
 * Matches: https://ipset.netfilter.org/iptables-extensions.man.html (owner, multiport, string, comment).
 * @throws PacketFilterError
 */
export async function dropPackets(cuts: readonly Cut[], mark: string): Promise<void> {
  for (const cut of cuts) {
    for (const match of matchesOf(cut)) await filter(['-A', ...rule(cut.group, match, mark)]);
  }
}

/** Removes all rules with the mark; none is no error. @throws PacketFilterError */
export async function letPacketsPass(mark: string): Promise<void> {
  for (const line of await rulesWith(mark)) {
    // The listing quotes comments, which have no blank in them here.
    const words = line.replaceAll('"', '').split(' ').slice(1);
    await filter(['-D', ...words]).catch(async (error: unknown) => {
      // Somebody else may have removed it meanwhile.
      if ((await rulesWith(mark)).includes(line)) throw error;
    });
  }
}

/**
 * Removes the rules of processes that ended without doing so, whichever platform they meant: the packet
 * filter is the machine's. Gives their marks; none where this process may not change the filter.
 * @throws PacketFilterError
 */
export async function removeAbandonedRules(): Promise<string[]> {
  if (!isLinuxRoot()) return [];
  // A machine whose filter cannot be read has none that a drill could have changed.
  const rules = await listRules().catch(() => []);
  const abandoned: string[] = [];
  for (const mark of new Set(rules.flatMap((rule) => markOf(rule) ?? []))) {
    const identity = identityIn(mark);
    if (identity === undefined || (await isSameAlive(identity))) continue;
    await letPacketsPass(mark);
    abandoned.push(mark);
  }
  return abandoned;
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
  if (!isLinuxRoot()) return 'only root on Linux may change the packet filter';
  try {
    const mark = await packetMark('trial');
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

const rule = (group: number, match: readonly string[], mark: string): string[] => [
  ...['OUTPUT', '-o', 'lo', '-p', 'tcp', '-m', 'owner', '--gid-owner', String(group)],
  ...[...match, '-m', 'comment', '--comment', mark, '-j', 'DROP'],
];

/** What the packets of a cut are known by, for each rule that it takes. */
function matchesOf(cut: Cut): string[][] {
  if ('text' in cut) {
    const { from, text } = cut;
    return [['--sport', String(from), '-m', 'string', '--string', text, '--algo', 'bm']];
  }
  const { ports } = cut;
  const rules = Math.ceil(ports.length / PORTS_PER_RULE);
  return Array.from({ length: rules }, (_, index) => {
    const first = index * PORTS_PER_RULE;
    const named = ports.slice(first, first + PORTS_PER_RULE).join(',');
    return ['-m', 'multiport', '--dports', named];
  });
}

const listRules = async (): Promise<string[]> => (await filter(['-S', 'OUTPUT'])).split('\n');

const markOf = (rule: string): string | undefined => /--comment "?([^"\s]+)"?/.exec(rule)?.[1];

const identityIn = (mark: string): string | undefined =>
  mark.startsWith(MARK) ? /^\d+-\d+/.exec(mark.slice(MARK.length))?.[0] : undefined;

const rulesWith = async (mark: string): Promise<string[]> =>
  (await listRules()).filter((line) => markOf(line) === mark);

async function filter(words: readonly string[]): Promise<string> {
  const command = [...COMMAND, ...words];
  const { exitCode, stdout, stderr } = await $({ quiet: true, nothrow: true })`${command}`;
  if (exitCode === 0) return stdout;
  throw new PacketFilterError(`iptables ${words.join(' ')} failed: ${stderr.trim()}`);
}
