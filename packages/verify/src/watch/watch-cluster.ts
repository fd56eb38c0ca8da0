import { setTimeout as delay } from 'node:timers/promises';
import { ProvehouseError } from '@provehouse/secrets';
import { exitCodeOf } from '../check-run.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { pastRun, readHistory, writeHistory, type PastRun } from './history.ts';
import { readHeard, writeHeard } from './heard.ts';
import { InformedReceiver, type Receiver } from './receiver.ts';
import { longestSilence, silenceSince, silenceText } from './silence.ts';

/** How a cluster is watched. */
export interface WatchOptions {
  /** Verifies it once. */
  readonly verify: () => Promise<VerifiedRun>;
  readonly everySeconds: number;
  /** Whether it is verified once only, by whoever does so on a schedule. */
  readonly once?: boolean;
  /** Who is sent what has changed. */
  readonly receivers: readonly Receiver[];
  /** Where messages say that the report is. */
  readonly reportUrl?: string | undefined;
  /** File with a line of JSON for each of the last runs; what receivers have heard is kept beside it. */
  readonly history?: string | undefined;
  /** How many runs are kept there. */
  readonly historyRuns: number;
  readonly signal: AbortSignal;
  /** Gets each run before it is spoken of, and the last of which everything that could be checked passed. */
  readonly onRun: (run: VerifiedRun, lastGood: PastRun | undefined) => void | Promise<void>;
  /** Gets what somebody who reads along wants to know. */
  readonly tell: (line: string) => void;
}

/**
 * Verifies a cluster again and again until the signal is aborted, and sends what has changed, once: a
 * message that was not taken is sent with the next run. That the cluster cannot be asked is a change, too,
 * and so is that there has been no verdict for twice the interval.
 * @throws HistoryError, PlatformStateError for what is kept of watches before
 */
export async function watchCluster(options: WatchOptions): Promise<void> {
  const { everySeconds, signal, history, historyRuns } = options;
  let past = history === undefined ? [] : await readHistory(history);
  let lastGood = past.findLast(({ good }) => good);
  const receivers = await informed(options);
  const everyone = [readingAlong(options.tell), ...receivers];
  const note = (line: string): Promise<unknown> =>
    Promise.all(everyone.map((receiver) => receiver.note(line)));
  const before = past.at(-1);
  const silent = before && silenceSince(new Date(before.at), new Date(), everySeconds);
  if (silent !== undefined) await note(silenceText(before?.deployment, silent, everySeconds));
  while (!signal.aborted) {
    const begin = performance.now();
    const known = past.at(-1)?.deployment;
    const overdue = setTimeout(
      () => void note(silenceText(known, longestSilence(everySeconds), everySeconds)),
      longestSilence(everySeconds) * 1000,
    );
    const { run, good } = await verifyOnce(options, known).finally(() => clearTimeout(overdue));
    past = [...past, pastRun(run, good)].slice(-historyRuns);
    if (good) lastGood = past.at(-1);
    await options.onRun(run, lastGood);
    await Promise.all(everyone.map((receiver) => receiver.hear(run, options.reportUrl)));
    if (history !== undefined) {
      await writeHistory(history, past);
      await writeHeard(history, new Map(receivers.map(({ name, heard }) => [name, heard])));
    }
    if (options.once === true) return;
    const passed = (performance.now() - begin) / 1000;
    await delay(Math.max(0, everySeconds - passed) * 1000, undefined, { signal }).catch(
      () => undefined,
    );
  }
}

/** The receivers with what they heard from watches before. */
async function informed({ receivers, history, tell }: WatchOptions): Promise<InformedReceiver[]> {
  const heard = history === undefined ? undefined : await readHeard(history);
  return receivers.map((one) => new InformedReceiver(one, heard?.get(one.name) ?? new Map(), tell));
}

/** Who looks at the terminal, and has heard nothing. */
const readingAlong = (tell: WatchOptions['tell']): InformedReceiver =>
  new InformedReceiver(
    { name: 'standard error', send: async (text) => tell(text) },
    new Map(),
    tell,
  );

interface WatchedRun {
  readonly run: VerifiedRun;
  /** Whether everything that could be checked passed. */
  readonly good: boolean;
}

/** The check that stands for the run itself. */
const RUN = 'run';

/** @param known the deployment's name in the run before, if there was one */
async function verifyOnce(
  { verify }: WatchOptions,
  known: string | undefined,
): Promise<WatchedRun> {
  const about = { check: RUN, title: 'The cluster can be asked', durationMs: 0 };
  try {
    const run = await verify();
    const could = { status: 'passed', expected: 'answers', observed: 'it was asked' } as const;
    const verdicts = [{ ...about, status: 'passed', findings: [could] } as const, ...run.verdicts];
    return { run: { ...run, verdicts }, good: exitCodeOf(run.verdicts) === 0 };
  } catch (error) {
    if (!(error instanceof ProvehouseError)) throw error;
    const [observed = ''] = error.message.split('\n');
    const finding = { status: 'inconclusive', expected: 'answers', observed } as const;
    const run: VerifiedRun = {
      ...{ formatVersion: 1, deployment: known ?? 'the cluster', status: 'inconclusive' },
      ...{ endedAt: new Date().toISOString(), durationMs: 0, facts: {}, nodes: [] },
      verdicts: [{ ...about, status: 'inconclusive', findings: [finding] }],
    };
    return { run, good: false };
  }
}
