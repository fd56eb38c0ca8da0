import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';
const FIRST_GROUP = 52_001;

/**
 * The command under a group of its own, where that can be had (Linux, root): by its group the packet
 * filter tells one process of the platform from another, although all share the loopback address.
 */
export function inOwnGroup(index: number, command: readonly string[]): readonly string[] {
  const possible = process.platform === 'linux' && process.getuid?.() === 0 && existsSync(SETPRIV);
  return possible
    ? [SETPRIV, `--regid=${FIRST_GROUP + index}`, '--clear-groups', '--', ...command]
    : command;
}
