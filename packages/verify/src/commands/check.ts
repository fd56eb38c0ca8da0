import { interruption } from '@provehouse/infra';
import { Command, InvalidArgumentError } from 'commander';
import { checkCluster, refuseUnknown, type CheckSelection } from '../check-cluster.ts';
import { exitCodeOf } from '../check-run.ts';
import {
  readRequest,
  withDiscoveryOptions,
  type DiscoveryFlags,
} from '../discovery/discovery-options.ts';
import { deliver, withOutputs, type OutputFlags } from './output-options.ts';
import { withSelection } from './selection-options.ts';

interface CheckFlags extends DiscoveryFlags, CheckSelection, OutputFlags {
  readonly failOn: 'failed' | 'warned';
}

/** The command that verifies any cluster, of which it knows nothing but where one of its nodes is. */
export const check = withOutputs(
  withSelection(
    withDiscoveryOptions(
      new Command('check').description(
        'Verify any cluster: what it has is found out, nothing is written to it.',
      ),
    ),
  ).option(
    '--fail-on <status>',
    'also fail when something warned: failed or warned',
    failOn,
    'failed',
  ),
)
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
  await deliver(run, flags);
  const { verdicts } = run;
  const warned = flags.failOn === 'warned' && verdicts.some(({ status }) => status === 'warned');
  return warned ? 1 : exitCodeOf(verdicts);
}

function failOn(text: string): 'failed' | 'warned' {
  if (text !== 'failed' && text !== 'warned') {
    throw new InvalidArgumentError('Expected failed or warned.');
  }
  return text;
}
