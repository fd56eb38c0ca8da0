import type { PipelineDrill } from '../drill.ts';
import { restartFault } from './restart-component.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

/** Where Airflow keeps what it knows. */
export const restartDatabase: PipelineDrill = {
  name: 'restart-database',
  title: "Airflow's database is restarted during a run",
  proves: 'Every part of Airflow connects to the database again, and the run ends right.',
  doesNotProve: 'That a longer absence of the database is survived.',
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  // A component whose heart has stopped is reported after a quarter of a minute.
  watchSeconds: 20,
  recoverySeconds: 90,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault: (target) => restartFault(target, 'postgres'),
};
