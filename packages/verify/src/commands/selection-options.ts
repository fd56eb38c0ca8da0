import { wholeNumber } from '@provehouse/infra';
import type { Command } from 'commander';
import { timeoutSeconds } from '../timeout-option.ts';

/** Adds which checks are run, and how. */
export const withSelection = (command: Command): Command =>
  command
    .option('--only <checks>', 'names of the checks to run, with commas between them', checkNames)
    .option('--skip <checks>', 'names of checks that are not run', checkNames, [])
    .option('--no-gentle', 'without limits on threads, priority, memory and time of each query')
    .option(
      '--budget <time>',
      'compare the content of tables for so long, newest partitions first: 90s, 10m',
      timeoutSeconds,
    )
    .option(
      '--sample <rows>',
      'compare about so many rows of each table and node, newest partitions first',
      wholeNumber,
    );

/** Parses names of checks with commas between them. */
export function checkNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
