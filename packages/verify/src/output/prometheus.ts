import { rowsByNode } from '../rows-by-node.ts';
import { STATUSES, type Verdict } from '../verdict.ts';
import type { VerifiedRun } from '../verified-run.ts';

type Labels = Readonly<Record<string, string>>;

/** A number with what it is about. */
type Sample = readonly [Labels, number];

/**
 * Verdicts as Prometheus' text, as it scrapes them or its textfile collector reads them
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): 1 for the status that a check has
 * and 0 for the others, durations, the rows of each table on each node, and when the run was.
 */
export function prometheusOf(run: VerifiedRun): string {
  const { deployment, status, durationMs, verdicts, endedAt } = run;
  const statuses = (labels: Labels, own: string): Sample[] =>
    STATUSES.map((one) => [{ ...labels, status: one }, one === own ? 1 : 0]);
  return [
    gauge(
      ...['provehouse_check_status', 'Whether a check has this status.'],
      verdicts.flatMap((verdict) => statuses({ deployment, ...labelsOf(verdict) }, verdict.status)),
    ),
    gauge(
      ...['provehouse_check_duration_seconds', 'How long a check took.'],
      verdicts.map((verdict) => [{ deployment, ...labelsOf(verdict) }, verdict.durationMs / 1000]),
    ),
    gauge(
      ...[
        'provehouse_table_rows',
        'Rows of a table on a node, as the check shard-rows counts them.',
      ],
      rowsByNode(verdicts).map(({ rows, ...place }) => [{ deployment, ...place }, rows]),
    ),
    gauge(
      ...['provehouse_run_status', 'Whether the worst verdict of the run is this one.'],
      statuses({ deployment }, status),
    ),
    gauge('provehouse_run_duration_seconds', 'How long the run took.', [
      [{ deployment }, durationMs / 1000],
    ]),
    gauge('provehouse_run_timestamp_seconds', 'When the run ended.', [
      [{ deployment }, Date.parse(endedAt) / 1000],
    ]),
  ].join('');
}

/** The check, and the pipeline where several were run. */
const labelsOf = ({ check, pipeline }: Verdict): Labels => ({
  check,
  ...(pipeline !== undefined && { pipeline }),
});

/** The lines of a metric; none where there is nothing to say. */
export function gauge(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n');
}

const escape = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
