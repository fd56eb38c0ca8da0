import type { Board } from './board.ts';

/** Airflow's workers as Flower knows them, its runs and its database as the PostgreSQL exporter does. */
export const airflow: Board = {
  uid: 'provehouse-airflow',
  title: 'Airflow',
  description:
    'Workers, runs of DAGs and the database of an Airflow that the module monitoring scrapes.',
  rows: [
    {
      title: 'Workers',
      panels: [
        {
          title: 'Workers that are online',
          description:
            'No task is executed without one. Look at its log: infra:logs airflow-worker.',
          unit: 'none',
          stat: { redBelow: 1 },
          queries: [{ expr: 'sum by (worker) (flower_worker_online)', legend: '{{worker}}' }],
        },
        {
          title: 'Tasks that are executed now',
          description: 'By worker; no more than its concurrency.',
          unit: 'short',
          queries: [
            {
              expr: 'flower_worker_number_of_currently_executing_tasks',
              legend: '{{worker}}',
            },
          ],
        },
        {
          title: 'Tasks that wait for a worker',
          description:
            'The queue of Celery in Valkey. Where it does not get shorter, look whether workers begin any.',
          unit: 'short',
          queries: [{ expr: 'redis_key_size{key="default"}', legend: '{{key}}' }],
        },
        {
          title: 'What happens to tasks',
          description: 'Events of Celery by kind. One that fails here could not be run at all.',
          unit: 'cps',
          queries: [
            {
              expr: 'sum by (type) (rate(flower_events_total[$__rate_interval]))',
              legend: '{{type}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Runs of DAGs',
      panels: [
        {
          title: 'Runs that are due and have not been made',
          description: 'Of DAGs that are not paused. Look whether the scheduler is healthy.',
          unit: 's',
          queries: [{ expr: 'airflow_dag_overdue_seconds', legend: '{{dag_id}}' }],
        },
        {
          title: 'The oldest run that is queued or running',
          description: 'Of each DAG; nothing while no run is under way.',
          unit: 's',
          queries: [{ expr: 'airflow_dag_run_oldest_seconds', legend: '{{dag_id}} {{state}}' }],
        },
      ],
    },
    {
      title: 'Database and broker',
      panels: [
        {
          title: 'Valkey answers',
          description: 'No task gets to a worker without it. Look at its log: infra:logs redis.',
          unit: 'none',
          stat: { redBelow: 1 },
          queries: [{ expr: 'redis_up', legend: '{{component}}' }],
        },
        {
          title: 'PostgreSQL answers',
          description: 'Airflow does nothing without it. Look at its log: infra:logs postgres.',
          unit: 'none',
          stat: { redBelow: 1 },
          queries: [{ expr: 'pg_up', legend: '{{component}}' }],
        },
        {
          title: 'Connections',
          description:
            'Of all components of Airflow; max_connections of PostgreSQL is their limit.',
          unit: 'short',
          queries: [
            { expr: 'pg_stat_database_numbackends{datname="airflow"}', legend: '{{datname}}' },
          ],
        },
        {
          title: 'Transactions',
          description: 'Those that were rolled back were given up by a component.',
          unit: 'cps',
          queries: [
            {
              expr: 'rate(pg_stat_database_xact_commit{datname="airflow"}[$__rate_interval])',
              legend: 'committed',
            },
            {
              expr: 'rate(pg_stat_database_xact_rollback{datname="airflow"}[$__rate_interval])',
              legend: 'rolled back',
            },
          ],
        },
      ],
    },
  ],
};
