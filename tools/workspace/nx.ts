import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

export const WORKSPACE = resolve(import.meta.dirname, '../..');

/** What a command did: exit code and all that it printed. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly printed: string;
}

/** Runs a program of the workspace in a folder, as if Nx had not started this process. */
export function run(folder: string, program: string, ...words: string[]): Outcome {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
  const { status, stdout, stderr, error } = spawnSync(
    join(folder, 'node_modules/.bin', program),
    words,
    { cwd: folder, env: Object.fromEntries(inherited), encoding: 'utf8' },
  );
  if (error) throw error;
  return { status, stdout, printed: stdout + stderr };
}
