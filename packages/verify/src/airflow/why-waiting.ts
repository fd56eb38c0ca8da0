import type {
  ComponentHealth,
  DagDetails,
  DagRun,
  ImportError,
  Pool,
  TaskInstance,
  Worker,
} from '@provehouse/infra/airflow';

/** What Airflow and Flower say of what a run may be waiting for. */
export interface WaitingFacts {
  readonly run: DagRun;
  readonly tasks: readonly TaskInstance[];
  /** Undefined when there is no such DAG. */
  readonly dag: DagDetails | undefined;
  readonly importErrors: readonly ImportError[];
  /** All runs of the DAG that run or are queued, the run itself among them. */
  readonly activeRuns: readonly DagRun[];
  readonly components: readonly ComponentHealth[];
  readonly pools: readonly Pool[];
  /** The Celery workers, or why they are not known. */
  readonly workers: readonly Worker[] | string;
}

const WAITING = ['none', 'scheduled', 'queued'];
const HOLDING = ['queued', 'running'];

/** Whether a run has not ended and nothing of it is being worked on. */
export const isWaiting = ({ run, tasks }: Pick<WaitingFacts, 'run' | 'tasks'>): boolean =>
  run.state === 'queued' ||
  (run.state === 'running' &&
    !tasks.some(({ state }) => state === 'running') &&
    tasks.some(({ state }) => WAITING.includes(state)));

/**
 * Why a run that waits does so, a sentence for each cause that shows; none when none does, as when the
 * scheduler simply has not come to it yet. What bounds a run:
 * https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html and
 * https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/pools.html
 */
export const whyWaiting = (facts: WaitingFacts): string[] => [
  ...ofDag(facts),
  ...ofComponents(facts),
  ...ofOtherRuns(facts),
  ...ofWorkers(facts),
  ...ofPools(facts),
  ...ofTaskLimit(facts),
];

function ofDag({ run, dag, importErrors }: WaitingFacts): string[] {
  if (dag === undefined || dag.stale) return [notParsed(run.dagId, dag, importErrors)];
  return dag.paused ? [`DAG ${dag.dagId} is paused.`] : [];
}

/** A sentence on a DAG that Airflow does not have, or no longer, with the files that it could not read. */
export function notParsed(
  dagId: string,
  dag: DagDetails | undefined,
  importErrors: readonly ImportError[],
): string {
  const errors = importErrors.map(({ file, stackTrace }) => `${file}: ${lastLine(stackTrace)}`);
  const said =
    errors.length === 0 ? 'there are no import errors' : `import errors: ${errors.join('; ')}`;
  return dag === undefined
    ? `DAG ${dagId} is not parsed (${said}).`
    : `The file of DAG ${dagId} is gone or no longer gives it (${said}).`;
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

const ofComponents = ({ components }: WaitingFacts): string[] =>
  components
    .filter(({ component, status }) => component === 'scheduler' && status !== 'healthy')
    .map(({ heartbeat }) => {
      const beat =
        heartbeat === undefined ? '' : `, its last heartbeat was at ${timeOf(heartbeat)}`;
      return `The scheduler is not healthy${beat}.`;
    });

function ofOtherRuns({ run, dag, activeRuns }: WaitingFacts): string[] {
  const limit = dag?.maxActiveRuns;
  if (run.state !== 'queued' || limit === undefined) return [];
  const running = activeRuns.filter(({ state }) => state === 'running');
  if (running.length < limit) return [];
  const names = running.map(({ runId, startedAt }) =>
    startedAt === undefined ? runId : `${runId} (running since ${timeOf(startedAt)})`,
  );
  const earlier = activeRuns.filter(
    (other) =>
      other.state === 'queued' &&
      other.runId !== run.runId &&
      (other.queuedAt?.getTime() ?? 0) <= (run.queuedAt?.getTime() ?? 0),
  );
  const queue =
    earlier.length === 0 ? '' : `; queued before it: ${list(earlier.map(({ runId }) => runId))}`;
  return [`max_active_runs of the DAG is ${limit}, held by ${list(names)}${queue}.`];
}

/** Workers take the tasks of all runs: without any, those that hold the limits do not end either. */
function ofWorkers({ workers, tasks }: WaitingFacts): string[] {
  if (typeof workers === 'string')
    return [`Which Celery workers are alive is not known: ${workers}`];
  const alive = workers.filter(({ answers }) => answers);
  if (alive.length === 0) {
    const known = workers.map(({ name }) => name);
    const silent = known.length === 0 ? '' : `: no answer from ${list(known)}`;
    return [`No Celery worker is alive${silent}.`];
  }
  const queued = tasks.filter(({ state }) => state === 'queued');
  const queues = new Set(queued.flatMap(({ queue }) => (queue === undefined ? [] : [queue])));
  return [...queues].map((queue) => {
    const takers = alive.filter((worker) => worker.queues.includes(queue));
    if (takers.length === 0) {
      return `No worker takes tasks from queue ${queue}; those alive take ${list([...new Set(alive.flatMap((worker) => worker.queues))])}.`;
    }
    const slots = takers.reduce((sum, { concurrency }) => sum + (concurrency ?? 0), 0);
    return `Tasks wait in queue ${queue} for ${list(takers.map(({ name }) => name))}, which ${takers.length === 1 ? 'works' : 'work'} on ${slots || 'an unknown number'} at a time.`;
  });
}

function ofPools({ pools, tasks }: WaitingFacts): string[] {
  const used = new Set(
    tasks.flatMap(({ state, pool }) => (state === 'scheduled' && pool !== undefined ? [pool] : [])),
  );
  return pools
    .filter(({ name, slots, openSlots }) => used.has(name) && slots >= 0 && openSlots <= 0)
    .map(({ name, slots }) => `Pool ${name} is full: all of its ${slots} slots are taken.`);
}

function ofTaskLimit({ dag, tasks }: WaitingFacts): string[] {
  const limit = dag?.maxActiveTasks;
  const held = tasks.filter(({ state }) => HOLDING.includes(state)).length;
  return limit !== undefined && held >= limit && tasks.some(({ state }) => state === 'scheduled')
    ? [`max_active_tasks of the DAG is ${limit}, and ${held} of its tasks are queued or run.`]
    : [];
}

const list = (names: readonly string[]): string => names.join(', ');

const timeOf = (time: Date): string => `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
