import { hasEnded, provenStates } from '../component-state.ts';
import type { PipelineDrill } from '../drill.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

const WORKER = 'airflow-worker';

/** The process that does the work. */
export const killWorker: PipelineDrill = {
  name: 'kill-worker',
  title: 'The Celery worker is killed in the middle of load_sample_data',
  proves:
    'A load that is cut off by kill −9 leaves nothing behind that readers see: the task is noticed as dead, tried again by a new worker, and the rows are exactly those of a run without the fault.',
  doesNotProve: 'That more kills than the task has retries are survived.',
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  recoverySeconds: 120,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault: ({ runtime }) =>
    Promise.resolve({
      undo: [{ kind: 'start', component: WORKER }],
      inject: () => runtime.kill(WORKER),
      prove: () => provenStates(runtime, [WORKER], hasEnded, `${WORKER} has ended`),
    }),
};
