import { interruption } from '@provehouse/infra';
import { givenPath } from '@provehouse/secrets';
import { Command, InvalidArgumentError } from 'commander';
import { checkCluster, refuseUnknown, type CheckSelection } from '../check-cluster.ts';
import {
  readRequest,
  withDiscoveryOptions,
  type DiscoveryFlags,
} from '../discovery/discovery-options.ts';
import { prometheusOf } from '../output/prometheus.ts';
import { formatSeconds, timeoutSeconds } from '../timeout-option.ts';
import { serveMetrics } from '../watch/metrics-server.ts';
import { watchCluster } from '../watch/watch-cluster.ts';
import { sendMessage, WEBHOOK_VARIABLE, webhookAddress } from '../watch/webhook.ts';
import { withSelection } from './selection-options.ts';
import { renderCounts } from './verdict-table.ts';

interface WatchFlags extends DiscoveryFlags, CheckSelection {
  readonly every: number;
  readonly listen?: number;
  readonly webhookFile?: string;
  readonly history?: string;
}

/** The command that verifies a cluster on a schedule, and says what has changed. */
export const watch = withSelection(
  withDiscoveryOptions(
    new Command('watch').description(
      'Verify any cluster on a schedule; say what has changed, and serve the verdicts to Prometheus.',
    ),
  ),
)
  .option('--every <time>', 'from start to start: minutes, or 90s, 1h30m', timeoutSeconds, 600)
  .option('--listen <port>', 'serve /metrics at this port of 127.0.0.1', port)
  .option(
    '--webhook-file <file>',
    `file with the address of a webhook as Slack has it (default: ${WEBHOOK_VARIABLE})`,
    (word) => givenPath(word),
  )
  .option('--history <file>', 'append a line of JSON for each run', (word) => givenPath(word))
  .addHelpText('after', '\nEnds with Ctrl-C. Exit codes: 130 interrupted, 2 could not run.')
  .exitOverride()
  .action(async (urls: readonly string[], flags: WatchFlags) => {
    refuseUnknown(flags);
    const signal = interruption(undefined, 'once');
    const address = await webhookAddress(flags.webhookFile, process.env);
    const found = await readRequest(urls, flags);
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    let metrics = '';
    await using stack = new AsyncDisposableStack();
    if (flags.listen !== undefined) {
      tell(`Metrics: ${stack.use(await serveMetrics(flags.listen, () => metrics)).url}`);
    }
    signal.addEventListener('abort', () =>
      tell('Ending with the run that is under way; Ctrl-C once more ends it now.'),
    );
    tell(`Verifying every ${formatSeconds(flags.every)}; Ctrl-C ends it.`);
    await watchCluster({
      verify: () => checkCluster(found, flags, () => undefined),
      everySeconds: flags.every,
      ...(address !== undefined && { send: (text: string) => sendMessage(address, text) }),
      ...{ history: flags.history, signal, tell },
      onRun(run, at) {
        metrics = prometheusOf(run, at);
        process.stdout.write(
          `${at.toISOString()} ${run.deployment} ${run.status}: ${renderCounts(run.verdicts)}\n`,
        );
      },
    });
    signal.throwIfAborted();
  });

function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535) {
    throw new InvalidArgumentError('Expected a port from 0 to 65535; 0 takes a free one.');
  }
  return number;
}
