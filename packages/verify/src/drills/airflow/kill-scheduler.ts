import { hasEnded, provenStates } from '../component-state.ts';
import type { PipelineDrill } from '../drill.ts';
import { LOAD_TASK, whyNoPipeline } from './whole-airflow.ts';

const SCHEDULER = 'airflow-scheduler';

/** The process that decides what runs next. */
export const killScheduler: PipelineDrill = {
  name: 'kill-scheduler',
  title: 'The scheduler is killed and started again during a run',
  proves: 'A run whose scheduler is killed goes on with the next one, and no task is done twice.',
  doesNotProve: 'That several schedulers side by side take over from each other.',
  workload: 'pipeline',
  duringTask: LOAD_TASK,
  recoverySeconds: 90,
  unavailable: (target) => Promise.resolve(whyNoPipeline(target)),
  fault: ({ runtime }) =>
    Promise.resolve({
      undo: [{ kind: 'start', component: SCHEDULER }],
      inject: () => runtime.kill(SCHEDULER),
      prove: () => provenStates(runtime, [SCHEDULER], hasEnded, `${SCHEDULER} has ended`),
    }),
};
