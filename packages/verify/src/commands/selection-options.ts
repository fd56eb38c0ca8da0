import type { Command } from 'commander';

/** Adds which checks are run, and how. */
export const withSelection = (command: Command): Command =>
  command
    .option('--only <checks>', 'names of the checks to run, with commas between them', names)
    .option('--skip <checks>', 'names of checks that are not run', names, [])
    .option('--no-gentle', 'without limits on threads, priority and time of each query');

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
