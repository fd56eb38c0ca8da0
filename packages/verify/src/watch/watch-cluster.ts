import { setTimeout as delay } from 'node:timers/promises';
import { ProvehouseError } from '@provehouse/secrets';
import { exitCodeOf } from '../check-run.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { pastRun, readHistory, writeHistory, type PastRun } from './history.ts';
import { changesSince, messageOf, statusesOf, type Statuses } from './verdict-changes.ts';

/** Sends a message. @throws ProvehouseError when it is not taken */
export type Send = (text: string) => Promise<void>;

/** How a cluster is watched. */
export interface WatchOptions {
  /** Verifies it once. */
  readonly verify: () => Promise<VerifiedRun>;
  readonly everySeconds: number;
  /** Each sends a message to people. */
  readonly receivers: readonly Send[];
  /** File with a line of JSON for each of the last runs. */
  readonly history?: string | undefined;
  /** How many runs are kept there. */
  readonly historyRuns: number;
  readonly signal: AbortSignal;
  /** Gets each run, and the last of which everything that could be checked passed. */
  readonly onRun: (run: VerifiedRun, lastGood: PastRun | undefined) => void;
  /** Gets what somebody who reads along wants to know. */
  readonly tell: (line: string) => void;
}

/**
 * Verifies a cluster again and again until the signal is aborted, and sends what has changed, once: a
 * message that was not taken is sent with the next run. A cluster that cannot be asked is a change, too.
 * @throws HistoryError
 */
export async function watchCluster(options: WatchOptions): Promise<void> {
  const { everySeconds, signal, tell, history, historyRuns } = options;
  const readAlong: Send = async (text) => tell(text);
  const receivers = [readAlong, ...options.receivers].map((send) => new Receiver(send, tell));
  let past = history === undefined ? [] : await readHistory(history);
  let lastGood = past.findLast(({ good }) => good);
  while (!signal.aborted) {
    const begin = performance.now();
    const { run, good } = await verifyOnce(options, past.at(-1)?.deployment);
    past = [...past, pastRun(run, good)].slice(-historyRuns);
    if (good) lastGood = past.at(-1);
    options.onRun(run, lastGood);
    if (history !== undefined) await writeHistory(history, past);
    await Promise.all(receivers.map((receiver) => receiver.hear(run)));
    const passed = (performance.now() - begin) / 1000;
    await delay(Math.max(0, everySeconds - passed) * 1000, undefined, { signal }).catch(
      () => undefined,
    );
  }
}

/** Somebody who hears of changes, with what they have heard so far. */
class Receiver {
  #heard: Statuses = new Map();
  readonly #send: Send;
  readonly #tell: (line: string) => void;

  constructor(send: Send, tell: (line: string) => void) {
    this.#send = send;
    this.#tell = tell;
  }

  /** Sends what is another than they have heard. */
  async hear(run: VerifiedRun): Promise<void> {
    const changes = changesSince(this.#heard, run);
    try {
      if (changes.length > 0) await this.#send(messageOf(run.deployment, run.status, changes));
    } catch (error) {
      if (!(error instanceof ProvehouseError)) throw error;
      this.#tell(`${error.message} It is sent again with the next run.`);
      return;
    }
    this.#heard = new Map([...this.#heard, ...statusesOf(run)]);
  }
}

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
