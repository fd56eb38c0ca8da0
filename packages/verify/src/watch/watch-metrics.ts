import { gauge, prometheusOf } from '../output/prometheus.ts';
import type { VerifiedRun } from '../verified-run.ts';

/** What a watch has to say of itself. */
export interface WatchState {
  readonly startedAt: Date;
  readonly everySeconds: number;
  /** How many are sent what has changed. */
  readonly receivers: number;
  readonly last?: VerifiedRun | undefined;
  /** When the last run ended of which everything that could be checked passed. */
  readonly lastGood?: { readonly deployment: string; readonly at: string } | undefined;
}

/**
 * The last run as Prometheus' text, and by what a watch is known that has died or hangs: it has not got
 * any further for longer than a few intervals.
 */
export function watchMetrics(state: WatchState): string {
  const { startedAt, everySeconds, receivers, last, lastGood } = state;
  // Before the first run it is not known what is watched.
  const watched = last === undefined ? {} : { deployment: last.deployment };
  const progress = last === undefined ? startedAt.getTime() : Date.parse(last.endedAt);
  return [
    last === undefined ? '' : prometheusOf(last),
    gauge(
      ...[
        'provehouse_last_good_run_timestamp_seconds',
        'When the last run ended that was all good.',
      ],
      lastGood === undefined
        ? []
        : [[{ deployment: lastGood.deployment }, Date.parse(lastGood.at) / 1000]],
    ),
    gauge(
      'provehouse_watch_progress_timestamp_seconds',
      'When the last run of the watch ended, or it was started.',
      [[watched, progress / 1000]],
    ),
    gauge('provehouse_watch_interval_seconds', 'How much time is between the starts of two runs.', [
      [watched, everySeconds],
    ]),
    gauge('provehouse_watch_receivers', 'How many the watch sends what has changed.', [
      [watched, receivers],
    ]),
  ].join('');
}
