import { existsSync } from 'node:fs';
import { isLinuxRoot } from './linux-root.ts';

const SETPRIV = '/usr/bin/setpriv';
const FIRST_GROUP = 52_001;

/**
 * The command under a group of its own, where that is possible (Linux, root): by its group the packet
 * filter tells one process of the platform from another, although all share the loopback address.
 */
export function inOwnGroup(index: number, command: readonly string[]): readonly string[] {
  return isLinuxRoot() && existsSync(SETPRIV)
    ? [SETPRIV, `--regid=${FIRST_GROUP + index}`, '--clear-groups', '--', ...command]
    : command;
}
