import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { findBase } from './base.ts';

const WORKSPACE = resolve(import.meta.dirname, '../..');
/** As `defaultBase` in nx.json. */
const MAIN_BRANCH = 'main';
const USAGE = `Usage: npm run affected -- <target...> [options of nx affected]

Runs targets of the projects that the current change affects: since the branch left main, on main
since the last commit but one, and everything in a clone of a single commit. Changes that are not
committed count. Another base: --base <revision>, or NX_BASE.
`;

/** Options that say themselves what to compare. */
const COMPARISONS = ['--base', '--files', '--all', '--uncommitted', '--untracked'];

function comparison(options: readonly string[]): readonly string[] {
  const isGiven = options.some((option) => COMPARISONS.includes(option.split('=')[0] ?? ''));
  if (isGiven || process.env['NX_BASE']) return [];
  const { revision, reason } = findBase(WORKSPACE, MAIN_BRANCH);
  process.stderr.write(`Comparing with ${reason} (${revision.slice(0, 12)}).\n`);
  return [`--base=${revision}`];
}

function run(words: readonly string[]): number {
  if (words.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const firstOption = words.findIndex((word) => word.startsWith('-'));
  const targets = firstOption === -1 ? words : words.slice(0, firstOption);
  const options = words.slice(targets.length);
  if (targets.length === 0) {
    process.stderr.write(`Expected a target, such as test, found none.\n\n${USAGE}`);
    return 2;
  }
  const nx = join(WORKSPACE, 'node_modules/.bin/nx');
  const command = [
    'affected',
    `--targets=${targets.join(',')}`,
    ...comparison(options),
    ...options,
  ];
  const { status, error } = spawnSync(nx, command, { cwd: WORKSPACE, stdio: 'inherit' });
  if (error) throw new Error('nx could not be started. Install it with npm ci.', { cause: error });
  return status ?? 1;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
