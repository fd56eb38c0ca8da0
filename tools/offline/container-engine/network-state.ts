import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { rulesThatUndo } from './packet-rules.ts';

/** What of this machine's network an engine with bridges changes. */
export interface NetworkState {
  readonly rules: string;
  readonly bridges: readonly string[];
  /** `1` where packets are forwarded, otherwise `0`. */
  readonly forwarding: string;
}

/** Thrown when the network cannot be read, or not be put back as it was. */
export class NetworkStateError extends Error {
  override readonly name = 'NetworkStateError';
}

const FORWARDING = '/proc/sys/net/ipv4/ip_forward';
const INTERFACES = '/proc/net/dev';
const OF_ENGINE = /^(docker0|br-[0-9a-f]{12})$/;
const run = promisify(execFile);

/** Reads the state of the network. @throws NetworkStateError */
export async function networkState(): Promise<NetworkState> {
  try {
    const [{ stdout }, bridges, forwarding] = await Promise.all([
      run('iptables-save'),
      enginesBridges(),
      readFile(FORWARDING, 'utf8'),
    ]);
    return { rules: stdout, bridges, forwarding };
  } catch (error) {
    throw new NetworkStateError('The state of the network could not be read.', { cause: error });
  }
}

/**
 * Takes back what an engine that has ended since has changed: its bridges, rules and chains, and
 * whether packets are forwarded.
 * @throws NetworkStateError
 */
export async function restoreNetwork(before: NetworkState): Promise<void> {
  try {
    for (const bridge of await enginesBridges()) {
      if (!before.bridges.includes(bridge)) await run('ip', ['link', 'delete', bridge]);
    }
    const { stdout } = await run('iptables-save');
    const undo = rulesThatUndo(before.rules, stdout);
    if (undo !== '') await restoreRules(undo);
    if ((await readFile(FORWARDING, 'utf8')) !== before.forwarding) {
      await writeFile(FORWARDING, before.forwarding);
    }
  } catch (error) {
    throw new NetworkStateError('The network could not be put back as it was.', { cause: error });
  }
}

async function enginesBridges(): Promise<string[]> {
  const table = await readFile(INTERFACES, 'utf8');
  const names = table.split('\n').map((line) => line.split(':')[0]?.trim() ?? '');
  return names.filter((name) => OF_ENGINE.test(name));
}

async function restoreRules(input: string): Promise<void> {
  const child = spawn('iptables-restore', ['--noflush'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (part: Buffer) => said.push(part));
  const ended = once(child, 'close');
  child.stdin.end(input);
  const [code] = await ended;
  if (code !== 0) {
    throw new NetworkStateError(
      `iptables-restore ended with ${code}: ${Buffer.concat(said).toString().trim()}`,
    );
  }
}
