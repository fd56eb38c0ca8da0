import type { Board } from './board.ts';

/** Airflow by what it sends itself, its workers as Flower knows them, its runs and its database as the PostgreSQL exporter does. */
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
      title: 'What Airflow says of itself',
      panels: [
        {
          title: 'Signs of life',
          description:
            'Each process gives one every five seconds. One that gives none hangs, also where it runs.',
          unit: 'cps',
          queries: [
            {
              expr: 'rate(airflow_scheduler_heartbeat[$__rate_interval])',
              legend: 'scheduler',
            },
            {
              expr: 'rate(airflow_dag_processor_heartbeat[$__rate_interval])',
              legend: 'DAG processor',
            },
            {
              expr: 'rate(airflow_triggerer_heartbeat[$__rate_interval])',
              legend: 'triggerer',
            },
          ],
        },
        {
          title: 'Files that cannot be imported',
          description: 'Errors of DAG files; Airflow shows them on its first page.',
          unit: 'none',
          stat: { redFrom: 1 },
          queries: [{ expr: 'airflow_dag_processing_import_errors', legend: 'errors' }],
        },
        {
          title: 'Tasks that have ended',
          description:
            'Since the exporter was started, by state. Those that failed have their reason in their log.',
          unit: 'short',
          queries: [{ expr: 'sum by (state) (airflow_ti_finish)', legend: '{{state}}' }],
        },
        {
          title: 'Duration of tasks',
          description: 'Nine of ten runs of a task in the last ten minutes were not longer.',
          unit: 's',
          queries: [
            {
              expr: 'airflow_task_duration_seconds{quantile="0.9"}',
              legend: '{{dag_id}} {{task_id}}',
            },
          ],
        },
        {
          title: 'Duration of runs',
          description:
            'Nine of ten runs of a DAG that succeeded in the last ten minutes were not longer.',
          unit: 's',
          queries: [
            {
              expr: 'airflow_dagrun_duration_success_seconds{quantile="0.9"}',
              legend: '{{dag_id}} {{run_type}}',
            },
          ],
        },
        {
          title: 'Slots of pools',
          description: 'Tasks are not scheduled while no slot of their pool is open.',
          unit: 'short',
          queries: [
            { expr: 'airflow_pool_open_slots', legend: '{{pool_name}} open' },
            { expr: 'airflow_pool_running_slots', legend: '{{pool_name}} running' },
            { expr: 'airflow_pool_queued_slots', legend: '{{pool_name}} queued' },
          ],
        },
        {
          title: 'Duration of a round of the scheduler',
          description:
            'On average. Where it takes seconds, tasks wait for it: look at the load of the machine and of PostgreSQL.',
          unit: 's',
          queries: [
            {
              expr: 'rate(airflow_scheduler_scheduler_loop_duration_seconds_sum[$__rate_interval]) / rate(airflow_scheduler_scheduler_loop_duration_seconds_count[$__rate_interval])',
              legend: 'scheduler',
            },
          ],
        },
        {
          title: 'Duration of importing a DAG file',
          description: 'Half of the imports of a file in the last ten minutes were not longer.',
          unit: 's',
          queries: [
            {
              expr: 'airflow_dag_processing_last_duration_seconds{quantile="0.5"}',
              legend: '{{file_name}}',
            },
          ],
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
