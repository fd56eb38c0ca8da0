import type { ObservedRun, ObservedTask } from '../airflow/observed-run.ts';
import type { PlatformCheck } from '../check.ts';
import type { Evidence, Finding } from '../verdict.ts';
import { NO_PIPELINE } from './no-pipeline.ts';

const LOG_LINES = 40;

/** The run and each of its tasks ended well, at the first try. */
export const runOutcome: PlatformCheck = {
  name: 'run-outcome',
  title: 'The run and all its tasks succeeded',
  scope: 'platform',
  proves:
    'Airflow says that the run and every task of the contract succeeded, and how long they took; a task ' +
    'that needed more than one try warns. That the rows are right is for the other checks to say.',
  async run({ contract: { pipeline }, run }) {
    if (pipeline === undefined) return [NO_PIPELINE];
    const names = new Set([
      ...Object.keys(pipeline.tasks),
      ...run.tasks.map(({ taskId }) => taskId),
    ]);
    return [
      runFinding(run),
      ...[...names].flatMap((name) => {
        const instances = run.tasks.filter(({ taskId }) => taskId === name);
        return instances.length === 0 ? [missing(name)] : instances.map(taskFinding);
      }),
    ];
  },
};

function runFinding(run: ObservedRun): Finding {
  const { startedAt, endedAt } = run;
  const seconds =
    startedAt && endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1000 : undefined;
  return {
    status: run.state === 'success' ? 'passed' : 'failed',
    subject: 'run',
    expected: 'success',
    observed: seconds === undefined ? run.state : `${run.state} after ${seconds.toFixed(1)} s`,
    evidence: [
      {
        title: 'Tasks',
        columns: ['task', 'state', 'try', 'started', 'seconds', 'operator'],
        rows: run.tasks.map((task) => [
          task.taskId,
          task.state,
          task.tryNumber,
          task.startedAt?.toISOString() ?? null,
          task.seconds ?? null,
          task.operator,
        ]),
      },
    ],
  };
}

const missing = (subject: string): Finding => ({
  status: 'failed',
  subject,
  expected: 'success at the first try',
  observed: 'the run has no such task',
});

function taskFinding(task: ObservedTask): Finding {
  const succeeded = task.state === 'success';
  const duration = task.seconds === undefined ? '' : ` in ${task.seconds.toFixed(1)} s`;
  return {
    status: !succeeded ? 'failed' : task.tryNumber > 1 ? 'warned' : 'passed',
    subject: task.taskId,
    expected: 'success at the first try',
    observed: `${task.state} at try ${task.tryNumber}${duration}`,
    ...(succeeded && task.tryNumber <= 1 ? {} : { evidence: [logEvidence(task)] }),
  };
}

const logEvidence = ({ taskId, log }: ObservedTask): Evidence => ({
  title: `End of the log of ${taskId}`,
  columns: ['line'],
  rows: log
    .split('\n')
    .slice(-LOG_LINES)
    .map((line) => [line]),
});
