import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const CLI = join(import.meta.dirname, '../src/cli.ts');

/** A command of verify that runs; its output can be read while it does. */
export type StartedCommand = ChildProcessByStdio<null, Readable, Readable>;

/** How a command ended, and all that it printed. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts a command of verify as people do. It gets nothing of the environment but PATH and what
 * is given: Nx asks its tasks for colours, and a setting of whoever runs the tests must not reach what
 * is tested.
 */
export const startCommand = (
  words: readonly string[],
  cwd?: string,
  environment: Readonly<Record<string, string>> = {},
): StartedCommand =>
  spawn(process.execPath, [CLI, ...words], {
    ...(cwd !== undefined && { cwd }),
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Waits until a command has ended. */
export async function outcomeOf(child: StartedCommand): Promise<CommandOutcome> {
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, stdout, stderr };
}

/** Runs a command of verify to its end, as people do. */
export const runCommand = (
  words: readonly string[],
  cwd?: string,
  environment?: Readonly<Record<string, string>>,
): Promise<CommandOutcome> => outcomeOf(startCommand(words, cwd, environment));
