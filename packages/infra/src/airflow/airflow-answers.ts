import { z } from 'zod';

// The parts of Airflow's answers that are used here; names and meaning as in
// https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html

const time = z.iso
  .datetime({ offset: true })
  .nullish()
  .transform((text) => (text == null ? undefined : new Date(text)));

const part = z.object({ status: z.string().nullable() });

/** What each part of Airflow says of itself, with its last heartbeat where it has one. */
export const healthSchema = z
  .object({
    metadatabase: part,
    scheduler: part.extend({ latest_scheduler_heartbeat: time }),
    triggerer: part.extend({ latest_triggerer_heartbeat: time }),
    dag_processor: part.extend({ latest_dag_processor_heartbeat: time }),
  })
  .transform(({ metadatabase, scheduler, triggerer, dag_processor }) => [
    { component: 'metadatabase', status: metadatabase.status, heartbeat: undefined },
    {
      component: 'scheduler',
      status: scheduler.status,
      heartbeat: scheduler.latest_scheduler_heartbeat,
    },
    {
      component: 'triggerer',
      status: triggerer.status,
      heartbeat: triggerer.latest_triggerer_heartbeat,
    },
    {
      component: 'dag-processor',
      status: dag_processor.status,
      heartbeat: dag_processor.latest_dag_processor_heartbeat,
    },
  ]);
export type ComponentHealth = z.infer<typeof healthSchema>[number];

export const dagSchema = z
  .object({
    dag_id: z.string(),
    tags: z.array(z.object({ name: z.string() })),
    catchup: z.boolean(),
    timetable_summary: z.string().nullable(),
    is_paused: z.boolean(),
    is_stale: z.boolean(),
    has_import_errors: z.boolean(),
    max_active_runs: z.number().nullish(),
    max_active_tasks: z.number().nullish(),
    last_parsed_time: time,
    params: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform((dag) => ({
    dagId: dag.dag_id,
    tags: dag.tags.map(({ name }) => name),
    catchup: dag.catchup,
    /** The cron expression or timetable; null for a DAG that is only triggered. */
    schedule: dag.timetable_summary,
    paused: dag.is_paused,
    /** Whether its file is gone or no longer gives this DAG. */
    stale: dag.is_stale,
    hasImportErrors: dag.has_import_errors,
    parsedAt: dag.last_parsed_time,
    /** How many of its runs may run at a time, and how many of their tasks; undefined without a limit. */
    maxActiveRuns: dag.max_active_runs ?? undefined,
    maxActiveTasks: dag.max_active_tasks ?? undefined,
    /** Names of the parameters that a run's `conf` may set. */
    parameters: Object.keys(dag.params ?? {}),
  }));
export type DagDetails = z.infer<typeof dagSchema>;

/** Of a DAG in a list, when it was last parsed. */
export const parsedDagSchema = z
  .object({ last_parsed_time: time })
  .transform(({ last_parsed_time }) => ({ parsedAt: last_parsed_time }));

export const dagTaskSchema = z
  .object({
    task_id: z.string(),
    retries: z.number(),
    downstream_task_ids: z.array(z.string()),
    operator_name: z.string(),
    queue: z.string(),
  })
  .transform((task) => ({
    taskId: task.task_id,
    retries: task.retries,
    downstream: task.downstream_task_ids,
    operator: task.operator_name,
    /** The queue that a worker takes it from. */
    queue: task.queue,
  }));
export type DagTask = z.infer<typeof dagTaskSchema>;

export const importErrorSchema = z
  .object({ filename: z.string(), stack_trace: z.string(), timestamp: time })
  .transform(({ filename, stack_trace, timestamp }) => ({
    file: filename,
    stackTrace: stack_trace,
    at: timestamp,
  }));
export type ImportError = z.infer<typeof importErrorSchema>;

export const connectionSchema = z
  .object({
    connection_id: z.string(),
    conn_type: z.string(),
    host: z.string().nullish(),
    port: z.number().nullish(),
    login: z.string().nullish(),
    schema: z.string().nullish(),
    password: z.string().nullish(),
    extra: z.string().nullish(),
  })
  .transform(({ connection_id, conn_type, ...rest }) => ({
    id: connection_id,
    type: conn_type,
    ...rest,
  }));
export type Connection = z.infer<typeof connectionSchema>;
/** A connection under the names that the API gives its fields. */
export type ConnectionFields = z.input<typeof connectionSchema>;

export const connectionTestSchema = z
  .object({ status: z.boolean(), message: z.string() })
  .transform(({ status, message }) => ({ works: status, message }));

export const dagRunSchema = z
  .object({
    dag_id: z.string(),
    dag_run_id: z.string(),
    state: z.string(),
    conf: z.record(z.string(), z.unknown()).nullish(),
    queued_at: time,
    start_date: time,
    end_date: time,
  })
  .transform((run) => ({
    dagId: run.dag_id,
    runId: run.dag_run_id,
    /** `queued`, `running`, `success` or `failed`. */
    state: run.state,
    conf: run.conf ?? {},
    queuedAt: run.queued_at,
    startedAt: run.start_date,
    endedAt: run.end_date,
  }));
export type DagRun = z.infer<typeof dagRunSchema>;

export const taskInstanceSchema = z
  .object({
    task_id: z.string(),
    state: z.string().nullable(),
    try_number: z.number(),
    start_date: time,
    end_date: time,
    duration: z.number().nullable(),
    operator_name: z.string().nullish(),
    map_index: z.number(),
    pool: z.string().nullish(),
    queue: z.string().nullish(),
  })
  .transform((task) => ({
    taskId: task.task_id,
    /** None before the scheduler has looked at it. */
    state: task.state ?? 'none',
    /** 1 for the first try, 0 when there was none yet. */
    tryNumber: task.try_number,
    startedAt: task.start_date,
    endedAt: task.end_date,
    /** Duration of the last try. */
    seconds: task.duration ?? undefined,
    operator: task.operator_name ?? 'unknown',
    /** Which of a mapped task's instances; −1 for a task that is not mapped. */
    mapIndex: task.map_index,
    /** Whose slots it takes; undefined where Airflow does not say. */
    pool: task.pool ?? undefined,
    /** Where a worker takes it from; undefined where Airflow does not say. */
    queue: task.queue ?? undefined,
  }));
export type TaskInstance = z.infer<typeof taskInstanceSchema>;

export const poolSchema = z
  .object({ name: z.string(), slots: z.number(), open_slots: z.number() })
  .transform(({ name, slots, open_slots }) => ({ name, slots, openSlots: open_slots }));
/** How many tasks may run at a time; one with −1 slots has no limit. */
export type Pool = z.infer<typeof poolSchema>;

/** One line of a task's log; besides these fields whatever the logger added. */
export const logSchema = z.object({
  content: z.array(
    z.looseObject({
      event: z.string(),
      timestamp: z.string().nullish(),
      level: z.string().nullish(),
      error_detail: z
        .array(z.looseObject({ exc_type: z.string(), exc_value: z.string() }))
        .nullish(),
    }),
  ),
});

export const providerSchema = z
  .object({ package_name: z.string(), version: z.string() })
  .transform(({ package_name, version }) => ({ name: package_name, version }));
/** A provider package that is installed. */
export type Provider = z.infer<typeof providerSchema>;
