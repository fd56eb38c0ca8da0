import type { Board } from './board.ts';

/** What verifications on a schedule have found, and when. */
export const verification: Board = {
  uid: 'provehouse-verification',
  title: 'Verification',
  description: 'Verdicts of quality_report and of watches, which they leave for Prometheus.',
  rows: [
    {
      title: 'Verdicts',
      panels: [
        {
          title: 'Checks that failed or could not run',
          description:
            'In the last verification of each deployment. Its report says what was found.',
          unit: 'none',
          stat: { redFrom: 1 },
          queries: [
            {
              expr: 'sum by (deployment) (provehouse_check_status{status=~"failed|inconclusive"})',
              legend: '{{deployment}}',
            },
          ],
        },
        {
          title: 'Time since the last verdict',
          description:
            'After twice the interval it is an alert: a watch that has died says nothing.',
          unit: 's',
          queries: [
            {
              expr: 'time() - provehouse_run_timestamp_seconds',
              legend: '{{deployment}}',
            },
          ],
        },
        {
          title: 'How long a verification takes',
          description: 'The whole run of all checks.',
          unit: 's',
          queries: [{ expr: 'provehouse_run_duration_seconds', legend: '{{deployment}}' }],
        },
        {
          title: 'Checks by status',
          description: 'Those that are skipped could not be judged there; the report says why.',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (deployment, status) (provehouse_check_status)',
              legend: '{{deployment}} {{status}}',
            },
          ],
        },
        {
          title: 'Checks that failed',
          description: '1 for as long as a check fails.',
          unit: 'none',
          queries: [
            {
              expr: 'provehouse_check_status{status=~"failed|inconclusive"}',
              legend: '{{deployment}} {{check}} {{status}}',
            },
          ],
        },
        {
          title: 'Rows of tables',
          description: 'On each node, as the check shard-rows counted them.',
          unit: 'short',
          queries: [
            {
              expr: 'provehouse_table_rows',
              legend: '{{node}} {{table}}',
            },
          ],
        },
      ],
    },
  ],
};
