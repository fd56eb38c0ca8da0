import { interruption } from '@provehouse/infra';
import { Command, InvalidArgumentError } from 'commander';
import { checkCluster, refuseUnknown, type CheckSelection } from '../check-cluster.ts';
import { exitCodeOf } from '../check-run.ts';
import {
  readRequest,
  withDiscoveryOptions,
  type DiscoveryFlags,
} from '../discovery/discovery-options.ts';
import { OUTPUTS, writeOutput, type Output } from '../output/outputs.ts';
import { withSelection } from './selection-options.ts';
import { paintFor, renderVerdicts } from './verdict-table.ts';

interface CheckFlags extends DiscoveryFlags, CheckSelection {
  readonly failOn: 'failed' | 'warned';
  readonly output: readonly Output[];
  readonly json: boolean;
}

/** The command that verifies any cluster, of which it knows nothing but where one of its nodes is. */
export const check = withSelection(
  withDiscoveryOptions(
    new Command('check').description(
      'Verify any cluster: what it has is found out, nothing is written to it.',
    ),
  ),
)
  .option(
    '--fail-on <status>',
    'also fail when something warned: failed or warned',
    failOn,
    'failed',
  )
  .option(
    '--output <format=file>',
    `write the verdicts to a file as well: ${OUTPUTS.join(', ')} (repeatable)`,
    collectOutput,
    [],
  )
  .option('--json', 'print the verdicts as JSON', false)
  .addHelpText(
    'after',
    '\nExit codes: 0 all is proven, 1 something is not, 2 could not run, 130 interrupted.',
  )
  .exitOverride()
  .action(async (urls: readonly string[], flags: CheckFlags) => {
    process.exitCode = await printChecked(urls, flags);
  });

async function printChecked(urls: readonly string[], flags: CheckFlags): Promise<0 | 1> {
  refuseUnknown(flags);
  const found = await readRequest(urls, flags);
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const run = await checkCluster(found, flags, tell, interruption(undefined, 'once'));
  for (const output of flags.output) await writeOutput(output, run);
  const { verdicts } = run;
  process.stdout.write(
    `${flags.json ? JSON.stringify(run, null, 2) : renderVerdicts(verdicts, paintFor(process.stdout))}\n`,
  );
  const warned = flags.failOn === 'warned' && verdicts.some(({ status }) => status === 'warned');
  return warned ? 1 : exitCodeOf(verdicts);
}

function failOn(text: string): 'failed' | 'warned' {
  if (text !== 'failed' && text !== 'warned') {
    throw new InvalidArgumentError('Expected failed or warned.');
  }
  return text;
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
