import { STATUSES } from '../verdict.ts';
import type { VerifiedRun } from './outputs.ts';

/**
 * Verdicts as Prometheus' text, for its textfile collector
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): 1 for the status that a check has
 * and 0 for the others, durations, and when the run was.
 */
export function prometheusOf({ deployment, durationMs, verdicts }: VerifiedRun, now: Date): string {
  const about = `deployment="${label(deployment)}"`;
  return [
    '# HELP provehouse_check_status Whether a check has this status.',
    '# TYPE provehouse_check_status gauge',
    ...verdicts.flatMap(({ check, status }) =>
      STATUSES.map(
        (one) =>
          `provehouse_check_status{${about},check="${label(check)}",status="${one}"} ${one === status ? 1 : 0}`,
      ),
    ),
    '# HELP provehouse_check_duration_seconds How long a check took.',
    '# TYPE provehouse_check_duration_seconds gauge',
    ...verdicts.map(
      ({ check, durationMs: own }) =>
        `provehouse_check_duration_seconds{${about},check="${label(check)}"} ${own / 1000}`,
    ),
    '# HELP provehouse_run_duration_seconds How long the run took.',
    '# TYPE provehouse_run_duration_seconds gauge',
    `provehouse_run_duration_seconds{${about}} ${durationMs / 1000}`,
    '# HELP provehouse_run_timestamp_seconds When the run ended.',
    '# TYPE provehouse_run_timestamp_seconds gauge',
    `provehouse_run_timestamp_seconds{${about}} ${now.getTime() / 1000}`,
    '',
  ].join('\n');
}

const label = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
