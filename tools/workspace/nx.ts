import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

export const WORKSPACE = resolve(import.meta.dirname, '../..');

/** What a command did: exit code and all that it printed. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly printed: string;
}

/** Nx tells its tasks about itself and to print colours; a program that is run here knows neither. */
const inherited = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(NX_|FORCE_COLOR)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
};

/** Runs a program of the workspace in a folder, as if Nx had not started this process. */
export function run(folder: string, program: string, ...words: string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(
    join(folder, 'node_modules/.bin', program),
    words,
    { cwd: folder, env: inherited(), encoding: 'utf8' },
  );
  if (error) throw error;
  return { status, stdout, printed: stdout + stderr };
}
