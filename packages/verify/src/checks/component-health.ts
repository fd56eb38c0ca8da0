import {
  AirflowError,
  connectFlower,
  type ComponentHealth,
  type Queue,
  type Worker,
} from '@provehouse/infra/airflow';
import type { RunlessCheck, RunlessContext } from '../check.ts';
import type { Finding } from '../verdict.ts';

/** Airflow's own default for calling a component dead. */
const STALE_AFTER_SECONDS = 30;

/** What the check needs of its context. */
type HealthContext = Omit<RunlessContext, 'cluster'>;

/** Each part of Airflow is alive, and workers answer that take the pipeline's tasks. */
export const componentHealth = {
  name: 'component-health',
  title: 'Every component of Airflow is alive',
  scope: 'platform',
  independentOfRun: true,
  proves:
    'The API server answers; the scheduler, the triggerer and the DAG processor have a fresh heartbeat; ' +
    'Celery workers answer Flower and take tasks from every queue that the pipeline uses. It does not ' +
    'prove that a task succeeds: run-outcome does.',
  async run(context: HealthContext): Promise<Finding[]> {
    const [parts, celery] = await Promise.all([healthFindings(context), celeryFindings(context)]);
    return [...parts, ...celery];
  },
} as const satisfies RunlessCheck;

async function healthFindings({ airflow, deployment }: HealthContext): Promise<Finding[]> {
  const answer = {
    subject: 'api-server',
    expected: `an answer from ${deployment.airflow?.url ?? 'Airflow'}`,
  };
  try {
    const parts = await airflow.health();
    return [
      { ...answer, status: 'passed', observed: 'it answers' },
      ...parts.map((part) => healthFinding(part, Date.now())),
    ];
  } catch (error) {
    return [{ ...answer, status: 'failed', observed: String(error) }];
  }
}

function healthFinding({ component, status, heartbeat }: ComponentHealth, now: number): Finding {
  const age = heartbeat === undefined ? undefined : (now - heartbeat.getTime()) / 1000;
  const fresh = age === undefined || age <= STALE_AFTER_SECONDS;
  const beat = age === undefined ? '' : `, last heartbeat ${age.toFixed(0)} s ago`;
  const healthy = status === 'healthy' && fresh;
  return {
    status: healthy ? 'passed' : 'failed',
    subject: component,
    expected: `healthy, with a heartbeat in the last ${STALE_AFTER_SECONDS} s where it has one`,
    observed: `${status ?? 'never seen'}${beat}`,
    ...(healthy ? {} : { reason: `Look at the log: infra:logs airflow-${component}.` }),
  };
}

async function celeryFindings(context: HealthContext): Promise<Finding[]> {
  const { deployment, secrets } = context;
  const expected = `an answer from ${deployment.airflow?.flower.url ?? 'Flower'}`;
  const flower = connectFlower(deployment, secrets);
  let workers: readonly Worker[];
  let queues: readonly Queue[];
  try {
    [workers, queues] = await Promise.all([flower.workers(), flower.queues()]);
  } catch (error) {
    return [{ status: 'failed', subject: 'flower', expected, observed: String(error) }];
  }
  return [
    { status: 'passed', subject: 'flower', expected, observed: 'it answers' },
    workersFinding(workers),
    ...(await usedQueues(context)).map((queue) => queueFinding(queue, workers, queues)),
  ];
}

/** The queues of the pipeline's tasks. An API that does not answer has a finding of its own. */
async function usedQueues({ airflow, contract }: HealthContext): Promise<string[]> {
  if (contract.pipeline === undefined) return [];
  const tasks = await airflow.dagTasks(contract.pipeline.dag).catch((error: unknown) => {
    if (error instanceof AirflowError) return [];
    throw error;
  });
  return [...new Set(tasks.map(({ queue }) => queue))];
}

function workersFinding(workers: readonly Worker[]): Finding {
  const alive = workers.filter(({ answers }) => answers);
  const silent = workers.filter(({ answers }) => !answers).map(({ name }) => name);
  return {
    status: alive.length === 0 ? 'failed' : silent.length > 0 ? 'warned' : 'passed',
    subject: 'workers',
    expected: 'one Celery worker or more, and all that Flower knows answer',
    observed:
      `${alive.length} ${alive.length === 1 ? 'answers' : 'answer'}` +
      (silent.length > 0 ? `; no answer from ${silent.join(', ')}` : ''),
    ...(silent.length > 0 ? { reason: 'Look at the log: infra:logs airflow-worker.' } : {}),
    evidence: [
      {
        title: 'Workers',
        columns: ['worker', 'answers', 'queues', 'concurrency'],
        rows: workers.map((worker) => [
          worker.name,
          worker.answers,
          worker.queues.join(', '),
          worker.concurrency ?? null,
        ]),
      },
    ],
  };
}

function queueFinding(
  queue: string,
  workers: readonly Worker[],
  queues: readonly Queue[],
): Finding {
  const takers = workers.filter(({ answers, queues: taken }) => answers && taken.includes(queue));
  const waiting = queues.find(({ name }) => name === queue)?.messages;
  return {
    status: takers.length > 0 ? 'passed' : 'failed',
    subject: `queue ${queue}`,
    expected: 'a worker that answers and takes tasks from it',
    observed:
      `${takers.length === 0 ? 'none' : takers.map(({ name }) => name).join(', ')}; ` +
      `${waiting ?? 'an unknown number of'} tasks wait`,
  };
}
