import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Command } from 'commander';
import { WORKSPACE_PROGRAMS, type WorkspaceProgram } from './workspace-program.ts';

const PACKAGES = join(import.meta.dirname, '../..');

/** Commands that are handed on, with all their words, to the program that has them. */
export const workspaceCommands = (): Command[] =>
  WORKSPACE_PROGRAMS.map((program) =>
    handingOn(program).action(async (_options: unknown, command: Command) => {
      process.exitCode = await runProgram(program, command.args);
    }),
  );

/** A command that leaves its words to somebody else, `--help` as well. */
export const handingOn = ({ command, description }: WorkspaceProgram): Command =>
  new Command(command)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride();

/**
 * Runs a program to its end; gives its exit code. A signal reaches it by itself: it is in the same
 * group.
 */
async function runProgram(
  { project, words }: WorkspaceProgram,
  further: readonly string[],
): Promise<number> {
  const program = join(PACKAGES, project, 'src/cli.ts');
  const child = spawn(process.execPath, [program, ...words, ...further], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Of a terminal it comes to both; the program says when it has ended.
    process.on(signal, () => void (process.stdin.isTTY || child.kill(signal)));
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return code ?? (signal === 'SIGINT' ? 130 : 143);
}
