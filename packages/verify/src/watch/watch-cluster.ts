import { appendFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { ProvehouseError } from '@provehouse/secrets';
import type { VerifiedRun } from '../output/outputs.ts';
import { changesSince, messageOf, statusesOf, type Statuses } from './verdict-changes.ts';

/** How a cluster is watched. */
export interface WatchOptions {
  /** Verifies it once. */
  readonly verify: () => Promise<VerifiedRun>;
  readonly everySeconds: number;
  /** Sends a message to people. */
  readonly send?: ((text: string) => Promise<void>) | undefined;
  /** File that gets a line of JSON for each run. */
  readonly history?: string | undefined;
  readonly signal: AbortSignal;
  /** Gets each run. */
  readonly onRun: (run: VerifiedRun, at: Date) => void;
  /** Gets what somebody who reads along wants to know. */
  readonly tell: (line: string) => void;
}

/**
 * Verifies a cluster again and again until the signal is aborted, and sends what has changed, once: a
 * message that was not taken is sent with the next run. A cluster that cannot be asked is a change, too.
 */
export async function watchCluster(options: WatchOptions): Promise<void> {
  const { everySeconds, signal, tell } = options;
  let before: Statuses = new Map();
  while (!signal.aborted) {
    const begin = performance.now();
    const run = await verifyOnce(options);
    const at = new Date();
    options.onRun(run, at);
    if (options.history !== undefined) await appendFile(options.history, historyLine(run, at));
    const changes = changesSince(before, run);
    const text = messageOf(run.deployment, run.status, changes);
    if (changes.length > 0) tell(text);
    const sent = changes.length === 0 || (await isSent(options, text));
    if (sent) before = new Map([...before, ...statusesOf(run)]);
    const passed = (performance.now() - begin) / 1000;
    await delay(Math.max(0, everySeconds - passed) * 1000, undefined, { signal }).catch(
      () => undefined,
    );
  }
}

async function isSent({ send, tell }: WatchOptions, text: string): Promise<boolean> {
  if (send === undefined) return true;
  try {
    await send(text);
    return true;
  } catch (error) {
    if (!(error instanceof ProvehouseError)) throw error;
    tell(`${error.message} It is sent again with the next run.`);
    return false;
  }
}

/** The check that stands for the run itself. */
const RUN = 'run';

async function verifyOnce({ verify }: WatchOptions): Promise<VerifiedRun> {
  const about = { check: RUN, title: 'The cluster can be asked', durationMs: 0 };
  try {
    const run = await verify();
    const could = { status: 'passed', expected: 'answers', observed: 'it was asked' } as const;
    return {
      ...run,
      verdicts: [{ ...about, status: 'passed', findings: [could] }, ...run.verdicts],
    };
  } catch (error) {
    if (!(error instanceof ProvehouseError)) throw error;
    const [observed = ''] = error.message.split('\n');
    const finding = { status: 'inconclusive', expected: 'answers', observed } as const;
    return {
      ...{ deployment: 'the cluster', status: 'inconclusive', durationMs: 0, nodes: [] },
      verdicts: [{ ...about, status: 'inconclusive', findings: [finding] }],
    };
  }
}

const historyLine = ({ deployment, status, durationMs, verdicts }: VerifiedRun, at: Date): string =>
  `${JSON.stringify({
    ...{ at: at.toISOString(), deployment, status, durationMs: Math.round(durationMs) },
    verdicts: Object.fromEntries(verdicts.map(({ check, status: own }) => [check, own])),
  })}\n`;
