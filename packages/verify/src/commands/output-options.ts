import { InvalidArgumentError, type Command } from 'commander';
import { tellGithubActions } from '../output/github-actions.ts';
import { OUTPUTS, writeOutput, type Output } from '../output/outputs.ts';
import { jsonOf, type VerifiedRun } from '../verified-run.ts';
import { renderRun } from './run-text.ts';
import { paintFor } from './verdict-table.ts';

/** Where the verdicts of a run go. */
export interface OutputFlags {
  readonly output: readonly Output[];
  readonly json: boolean;
}

/** The option that names files, as commander takes it. */
export const OUTPUT_OPTION: readonly [
  string,
  string,
  (text: string, outputs: readonly Output[]) => Output[],
  Output[],
] = [
  '--output <format=file>',
  `write the verdicts to a file as well: ${OUTPUTS.join(', ')} (repeatable)`,
  collectOutput,
  [],
];

/** Adds where the verdicts go to a command. */
export const withOutputs = (command: Command): Command =>
  command.option(...OUTPUT_OPTION).option('--json', 'print the verdicts as JSON', false);

/**
 * Writes the files that were asked for and prints the verdicts, for people or as JSON; in a job of
 * GitHub Actions its summary and annotations as well.
 */
export async function deliver(
  run: VerifiedRun,
  { output, json }: OutputFlags,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  for (const one of output) await writeOutput(one, run);
  process.stdout.write(json ? jsonOf(run) : `${renderRun(run, paintFor(process.stdout))}\n`);
  await tellGithubActions(run, environment);
}

function collectOutput(text: string, outputs: readonly Output[]): Output[] {
  const [, format = '', file = ''] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  const known = OUTPUTS.find((name) => name === format);
  if (known === undefined) {
    throw new InvalidArgumentError(
      `Expected a format and a file, such as junit=verdicts.xml; formats: ${OUTPUTS.join(', ')}.`,
    );
  }
  return [...outputs, { format: known, file }];
}
