import type { ComponentDescriptor } from '../descriptor.ts';
import { airflowContainers } from './container.ts';
import { airflowProcesses } from './native.ts';

/** Airflow's components, with Celery as their executor. */
export const airflow: ComponentDescriptor = {
  name: 'airflow',
  kind: 'airflow',
  native: airflowProcesses,
  container: airflowContainers,
};
