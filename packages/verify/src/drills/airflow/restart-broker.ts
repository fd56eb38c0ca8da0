import type { PipelineDrill } from '../drill.ts';
import { restartFault } from './restart-component.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

/** Where Celery's messages are. */
export const restartBroker: PipelineDrill = {
  name: 'restart-broker',
  title: "Celery's broker is restarted during a run",
  proves:
    'Scheduler and worker connect to the broker again, no message is lost or done twice, and the run ends right.',
  doesNotProve: 'That a broker that loses its disk is survived.',
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  // A component whose heart has stopped is reported after a quarter of a minute.
  watchSeconds: 20,
  recoverySeconds: 90,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault: (target) => restartFault(target, 'redis'),
};
