import { readFile } from 'node:fs/promises';
import { ALERTS_FILE } from '@provehouse/infra';
import { expect, test } from 'vitest';
import { runOf, verdictOf } from '../../test/verified-run.ts';
import { watchMetrics } from './watch-metrics.ts';

const startedAt = new Date('2025-12-31T20:00:00Z');

test('before the first run it is seen since when one is waited for', () => {
  expect(watchMetrics({ startedAt, everySeconds: 600, receivers: 0 })).toBe(
    [
      '# HELP provehouse_watch_progress_timestamp_seconds When the last run of the watch ended, or it was started.',
      '# TYPE provehouse_watch_progress_timestamp_seconds gauge',
      'provehouse_watch_progress_timestamp_seconds 1767211200',
      '# HELP provehouse_watch_interval_seconds How much time is between the starts of two runs.',
      '# TYPE provehouse_watch_interval_seconds gauge',
      'provehouse_watch_interval_seconds 600',
      '# HELP provehouse_watch_receivers How many the watch sends what has changed.',
      '# TYPE provehouse_watch_receivers gauge',
      'provehouse_watch_receivers 0\n',
    ].join('\n'),
  );
});

test('the last run is served with its time, and when the last good one was', () => {
  const last = runOf([verdictOf('macros', 'failed')]);
  const lastGood = { deployment: 'dwh', at: '2025-12-31T23:00:00.000Z' };
  const text = watchMetrics({ startedAt, everySeconds: 600, receivers: 1, last, lastGood });
  expect(text).toContain('provehouse_run_timestamp_seconds{deployment="dwh"} 1767225600\n');
  expect(text).toContain(
    'provehouse_last_good_run_timestamp_seconds{deployment="dwh"} 1767222000\n',
  );
  expect(text).toContain(
    'provehouse_watch_progress_timestamp_seconds{deployment="dwh"} 1767225600\n',
  );
  expect(text).toContain('provehouse_watch_receivers{deployment="dwh"} 1\n');
  expect(text).toContain('check="macros",status="failed"} 1\n');
});

test('every figure of verdicts that an alert of a platform goes by is served', async () => {
  const used =
    (await readFile(ALERTS_FILE, 'utf8')).match(/\bprovehouse_(?:check|watch)_\w+/g) ?? [];
  const last = runOf([verdictOf('macros', 'failed')]);
  const served = watchMetrics({ startedAt, everySeconds: 600, receivers: 1, last });
  expect(new Set(used).size).toBeGreaterThan(3);
  for (const name of used) expect(served).toContain(`\n${name}{deployment="dwh"`);
});
