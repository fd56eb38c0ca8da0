/** Names of Airflow's components, with the words that start each. */
export const COMMANDS = {
  'airflow-api-server': ['api-server'],
  'airflow-scheduler': ['scheduler'],
  'airflow-dag-processor': ['dag-processor'],
  // Their log servers listen on every interface, and the api-server reads the same files itself.
  'airflow-triggerer': ['triggerer', '--skip-serve-logs'],
  // It is the only one, and would look for others for a second at each start.
  'airflow-worker': [
    ...['celery', 'worker', '--skip-serve-logs'],
    ...['--without-mingle', '--without-gossip'],
  ],
  'airflow-flower': ['celery', 'flower'],
} as const;

export type AirflowComponentName = keyof typeof COMMANDS;

export const AIRFLOW_COMPONENTS = Object.keys(COMMANDS) as readonly AirflowComponentName[];
