import { expect, test } from 'vitest';
import type { DagDetails, DagRun, TaskInstance } from '@provehouse/infra/airflow';
import { isWaiting, whyWaiting, type WaitingFacts } from './why-waiting.ts';

const at = (time: string): Date => new Date(`2026-01-02T${time}Z`);

const run = (over: Partial<DagRun> = {}): DagRun => ({
  ...{ dagId: 'load', runId: 'mine', state: 'queued', conf: {} },
  ...{ queuedAt: at('12:05:00'), startedAt: undefined, endedAt: undefined },
  ...over,
});
const theirs = run({ runId: 'theirs', state: 'running', startedAt: at('12:00:00') });

const dag: DagDetails = {
  ...{ dagId: 'load', tags: [], catchup: false, schedule: null, paused: false, stale: false },
  ...{ hasImportErrors: false, parsedAt: at('11:00:00'), parameters: [] },
  ...{ maxActiveRuns: 1, maxActiveTasks: 16 },
};

const task = (over: Partial<TaskInstance> = {}): TaskInstance => ({
  ...{ taskId: 'fill', state: 'queued', tryNumber: 0, startedAt: undefined, endedAt: undefined },
  ...{ seconds: undefined, operator: 'python', mapIndex: -1, pool: 'default_pool' },
  queue: 'default',
  ...over,
});

const worker = { name: 'celery@one', answers: true, queues: ['default'], concurrency: 4 };

/** A run that waits for nothing that shows, and what differs from that. */
const facts = (over: Partial<WaitingFacts> = {}): WaitingFacts => ({
  ...{ run: run(), tasks: [], dag, importErrors: [], activeRuns: [run()] },
  components: [{ component: 'scheduler', status: 'healthy', heartbeat: at('12:05:00') }],
  ...{ pools: [{ name: 'default_pool', slots: 128, openSlots: 128 }], workers: [worker] },
  ...over,
});

test('a run waits while it is queued, and while none of its tasks is worked on', () => {
  expect(isWaiting({ run: run(), tasks: [] })).toBe(true);
  const running = run({ state: 'running' });
  expect(isWaiting({ run: running, tasks: [task()] })).toBe(true);
  const busy = [task(), task({ state: 'running' })];
  expect(isWaiting({ run: running, tasks: busy })).toBe(false);
  expect(isWaiting({ run: run({ state: 'success' }), tasks: [task()] })).toBe(false);
});

test('nothing is said when nothing shows that it would wait for', () => {
  expect(whyWaiting(facts())).toEqual([]);
});

test.each<[string, Partial<WaitingFacts>, string[]]>([
  [
    'another run of the DAG, and no worker that would end it',
    { activeRuns: [theirs, run()], workers: [{ ...worker, answers: false }] },
    [
      'max_active_runs of the DAG is 1, held by theirs (running since 2026-01-02 12:00:00 UTC).',
      'No Celery worker is alive: no answer from celery@one.',
    ],
  ],
  [
    'runs that were queued before it',
    {
      activeRuns: [
        theirs,
        run({ runId: 'earlier', queuedAt: at('12:04:00') }),
        run(),
        run({ runId: 'later', queuedAt: at('12:06:00') }),
      ],
    },
    [
      'max_active_runs of the DAG is 1, held by theirs (running since 2026-01-02 12:00:00 UTC); queued before it: earlier.',
    ],
  ],
  ['a worker, when Flower knows none', { workers: [] }, ['No Celery worker is alive.']],
  [
    'Flower, without which the workers are not known',
    { workers: 'no answer' },
    ['Which Celery workers are alive is not known: no answer'],
  ],
  [
    'a worker for its queue',
    { run: run({ state: 'running' }), tasks: [task({ queue: 'big' })] },
    ['No worker takes tasks from queue big; those alive take default.'],
  ],
  [
    'workers that are busy',
    { run: run({ state: 'running' }), tasks: [task()] },
    ['Tasks wait in queue default for celery@one, which works on 4 at a time.'],
  ],
  [
    'a slot of its pool',
    {
      ...{ run: run({ state: 'running' }), tasks: [task({ state: 'scheduled', pool: 'small' })] },
      pools: [
        { name: 'small', slots: 1, openSlots: 0 },
        { name: 'other', slots: 1, openSlots: 0 },
      ],
    },
    ['Pool small is full: all of its 1 slots are taken.'],
  ],
  [
    "the limit of the DAG's tasks",
    {
      ...{ run: run({ state: 'running' }), dag: { ...dag, maxActiveTasks: 1 } },
      tasks: [task({ state: 'scheduled' }), task({ state: 'queued', queue: undefined })],
    },
    ['max_active_tasks of the DAG is 1, and 1 of its tasks are queued or run.'],
  ],
  ['somebody who paused the DAG', { dag: { ...dag, paused: true } }, ['DAG load is paused.']],
  [
    'a DAG that cannot be read',
    {
      dag: undefined,
      importErrors: [{ file: 'load.py', stackTrace: 'Traceback\nNameError: x\n', at: undefined }],
    },
    ['DAG load is not parsed (import errors: load.py: NameError: x).'],
  ],
  [
    'the scheduler',
    {
      components: [{ component: 'scheduler', status: 'unhealthy', heartbeat: at('11:59:00') }],
    },
    ['The scheduler is not healthy, its last heartbeat was at 2026-01-02 11:59:00 UTC.'],
  ],
])('it waits for %s', (_, over, reasons) => {
  expect(whyWaiting(facts(over))).toEqual(reasons);
});
