import type { PipelineDrill } from '../drill.ts';
import { restartFault } from './restart-component.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

/** What tasks report to, and what the harness asks. */
export const restartApiServer: PipelineDrill = {
  name: 'restart-api-server',
  title: 'The api-server is restarted while the harness waits for a run',
  proves:
    'A task outlives the absence of the api-server that it reports to, the harness goes on waiting, and the run ends right.',
  doesNotProve: 'That an absence of more than half a minute is outlived: tasks then give up.',
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  recoverySeconds: 90,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault: (target) => restartFault(target, 'airflow-api-server'),
};
