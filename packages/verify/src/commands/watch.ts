import { interruption, wholeNumber } from '@provehouse/infra';
import { givenPath } from '@provehouse/secrets';
import { Command, InvalidArgumentError } from 'commander';
import { checkCluster, refuseUnknown, type CheckSelection } from '../check-cluster.ts';
import { exitCodeOf } from '../check-run.ts';
import {
  readRequest,
  withDiscoveryOptions,
  type DiscoveryFlags,
} from '../discovery/discovery-options.ts';
import { writeOutput, type Output } from '../output/outputs.ts';
import { formatSeconds, timeoutSeconds } from '../timeout-option.ts';
import { serveMetrics } from '../watch/metrics-server.ts';
import {
  sendTelegram,
  TELEGRAM_API,
  TelegramError,
  telegramToken,
  TOKEN_VARIABLE,
} from '../watch/telegram.ts';
import type { Receiver } from '../watch/receiver.ts';
import { watchCluster } from '../watch/watch-cluster.ts';
import { watchMetrics, type WatchState } from '../watch/watch-metrics.ts';
import { sendMessage, WEBHOOK_VARIABLE, webhookAddress } from '../watch/webhook.ts';
import { OUTPUT_OPTION } from './output-options.ts';
import { withSelection } from './selection-options.ts';
import { renderCounts } from './verdict-table.ts';

interface WatchFlags extends DiscoveryFlags, CheckSelection {
  readonly every: number;
  readonly once: boolean;
  readonly output: readonly Output[];
  readonly reportUrl?: string;
  readonly listen?: number;
  readonly webhookFile?: string;
  readonly telegramChat?: string;
  readonly telegramTokenFile?: string;
  readonly telegramApi: string;
  readonly history?: string;
  readonly historyRuns: number;
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
  .option(
    '--once',
    'verify once, for a schedule of your own; --every says how often that is',
    false,
  )
  .option(...OUTPUT_OPTION)
  .option('--report-url <url>', 'where messages say that the report is (default: nowhere)')
  .option('--listen <port>', 'serve /metrics at this port of 127.0.0.1', port)
  .option(
    '--webhook-file <file>',
    `file with the address of a webhook as Slack has it (default: ${WEBHOOK_VARIABLE})`,
    (word) => givenPath(word),
  )
  .option(
    '--telegram-chat <id>',
    'chat of Telegram that a bot writes to: a number, or @channel (default: none)',
  )
  .option(
    '--telegram-token-file <file>',
    `file with the token of the bot, or the secrets of a platform (default: ${TOKEN_VARIABLE})`,
    (word) => givenPath(word),
  )
  .option('--telegram-api <url>', 'Bot API of your own', TELEGRAM_API)
  .option('--history <file>', 'keep a line of JSON for each of the last runs', (word) =>
    givenPath(word),
  )
  .option('--history-runs <count>', 'how many runs are kept there, at least 1', runs, 1000)
  .addHelpText(
    'after',
    '\nEnds with Ctrl-C. Exit codes: 130 interrupted, 2 could not run; with --once 0 all is proven, 1 something is not.',
  )
  .exitOverride()
  .action(async (urls: readonly string[], flags: WatchFlags) => {
    refuseUnknown(flags);
    const signal = interruption(undefined, 'once');
    const receivers = await receiversOf(flags, process.env);
    const found = await readRequest(urls, flags);
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    let state: WatchState = {
      ...{ startedAt: new Date(), everySeconds: flags.every, receivers: receivers.length },
    };
    await using stack = new AsyncDisposableStack();
    if (flags.listen !== undefined) {
      const { url } = stack.use(await serveMetrics(flags.listen, () => watchMetrics(state)));
      tell(`Metrics: ${url}`);
    }
    signal.addEventListener('abort', () =>
      tell('Ending with the run that is under way; Ctrl-C once more ends it now.'),
    );
    if (!flags.once) tell(`Verifying every ${formatSeconds(flags.every)}; Ctrl-C ends it.`);
    await watchCluster({
      verify: () => checkCluster(found, flags, () => undefined),
      ...{ everySeconds: flags.every, once: flags.once, receivers, signal, tell },
      ...{ history: flags.history, historyRuns: flags.historyRuns, reportUrl: flags.reportUrl },
      async onRun(last, lastGood) {
        state = { ...state, last, lastGood };
        process.stdout.write(
          `${last.endedAt} ${last.deployment} ${last.status}: ${renderCounts(last.verdicts)}\n`,
        );
        const prometheus = (): string => watchMetrics(state);
        for (const one of flags.output) await writeOutput(one, last, { prometheus });
        if (flags.once) process.exitCode = exitCodeOf(last.verdicts);
      },
    });
    signal.throwIfAborted();
  });

/** Who hears of changes. @throws WebhookError, TelegramError, SecretFileError when it is not known how to reach them */
async function receiversOf(
  { webhookFile, telegramChat, telegramTokenFile, telegramApi }: WatchFlags,
  environment: NodeJS.ProcessEnv,
): Promise<Receiver[]> {
  const address = await webhookAddress(webhookFile, environment);
  const slack: Receiver[] =
    address === undefined ? [] : [{ name: 'webhook', send: (text) => sendMessage(address, text) }];
  if (telegramChat === undefined) {
    if (telegramTokenFile === undefined) return slack;
    throw new TelegramError('Expected --telegram-chat with --telegram-token-file, found no chat.');
  }
  const token = await telegramToken(telegramTokenFile, environment);
  const chat = { chat: telegramChat, token, api: telegramApi };
  const name = `telegram ${telegramChat}`;
  return [...slack, { name, send: (text) => sendTelegram(chat, text) }];
}

function runs(text: string): number {
  const count = wholeNumber(text);
  if (count === 0) throw new InvalidArgumentError('Expected 1 or more.');
  return count;
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535) {
    throw new InvalidArgumentError('Expected a port from 0 to 65535; 0 takes a free one.');
  }
  return number;
}
