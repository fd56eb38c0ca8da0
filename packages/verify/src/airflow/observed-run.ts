import {
  tail,
  type AirflowClient,
  type DagRun,
  type TaskInstance,
} from '@provehouse/infra/airflow';
import type { Contract } from '../contract/contract.ts';

/** A task of a run that has ended, with the log of its last try. */
export interface ObservedTask extends TaskInstance {
  /** The log as text; of a big one its end. */
  readonly log: string;
}

/** A run of the pipeline that has ended, as Airflow describes it. */
export interface ObservedRun extends DagRun {
  /** The tasks in the order in which they started. */
  readonly tasks: readonly ObservedTask[];
  /** What the contract's statistics task returned; undefined when it returned nothing. */
  readonly statistics: Readonly<Record<string, unknown>> | undefined;
  /** The plain values of the statistics, such as `rows` and `as_of`, that rules refer to by name. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

type Pipeline = NonNullable<Contract['pipeline']>;

const LOG_CHARACTERS = 100_000;

/** Asks Airflow for everything about a run. @throws AirflowError */
export async function observeRun(
  airflow: AirflowClient,
  { dagId, runId }: Pick<DagRun, 'dagId' | 'runId'>,
  { statistics }: Pick<Pipeline, 'statistics'>,
): Promise<ObservedRun> {
  const [run, instances, returned] = await Promise.all([
    airflow.run(dagId, runId),
    airflow.taskInstances(dagId, runId),
    airflow.xcom(dagId, runId, statistics.task),
  ]);
  const tasks = await Promise.all(
    instances.map(async (task) => ({ ...task, log: await logOf(airflow, run, task) })),
  );
  const values = isRecord(returned) ? returned : undefined;
  return {
    ...run,
    tasks: tasks.sort((a, b) => startOf(a) - startOf(b)),
    statistics: values,
    parameters: plainValues(values ?? {}),
  };
}

async function logOf(
  airflow: AirflowClient,
  { dagId, runId }: DagRun,
  task: TaskInstance,
): Promise<string> {
  if (task.startedAt === undefined) return '';
  return tail(await airflow.log(dagId, runId, task), LOG_CHARACTERS);
}

const startOf = ({ startedAt }: TaskInstance): number =>
  startedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plainValues = (values: Record<string, unknown>): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [],
    ),
  );
