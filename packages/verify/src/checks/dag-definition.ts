import type { DagDetails, DagTask, ImportError } from '@provehouse/infra/airflow';
import type { RunlessCheck } from '../check.ts';
import type { Contract } from '../contract/contract.ts';
import type { Finding } from '../verdict.ts';
import { NO_PIPELINE } from './no-pipeline.ts';

type Pipeline = NonNullable<Contract['pipeline']>;

/** The DAG as Airflow has parsed it is the one that the contract describes. */
export const dagDefinition: RunlessCheck = {
  name: 'dag-definition',
  title: 'The DAG is the one that the contract describes',
  scope: 'platform',
  independentOfRun: true,
  proves:
    'Airflow has parsed the DAG; its tags, schedule, catch-up, tasks, their order and retries are the ' +
    "contract's, and no file in the DAGs folder fails to import. It does not look into the tasks' code.",
  async run({ airflow, contract: { pipeline } }) {
    if (pipeline === undefined) return [NO_PIPELINE];
    const [dag, errors] = await Promise.all([airflow.dag(pipeline.dag), airflow.importErrors()]);
    const imports = importFinding(errors);
    const present = presenceFinding(pipeline.dag, dag);
    if (dag === undefined) return [present, imports];
    const tasks = await airflow.dagTasks(pipeline.dag);
    return [present, imports, ...settingFindings(pipeline, dag), ...taskFindings(pipeline, tasks)];
  },
};

function presenceFinding(name: string, dag: DagDetails | undefined): Finding {
  const observed =
    dag === undefined
      ? 'there is no such DAG'
      : dag.stale
        ? 'its file is gone or no longer gives it'
        : dag.hasImportErrors
          ? 'its file no longer imports; this is its last good version'
          : 'parsed';
  return {
    status: observed === 'parsed' ? 'passed' : 'failed',
    subject: name,
    expected: 'parsed',
    observed,
  };
}

function importFinding(errors: readonly ImportError[]): Finding {
  return {
    status: errors.length === 0 ? 'passed' : 'failed',
    subject: 'DAGs folder',
    expected: 'no import errors',
    observed:
      errors.length === 0
        ? 'none'
        : errors.map(({ file, stackTrace }) => `${file}: ${lastLine(stackTrace)}`).join('; '),
    ...(errors.length === 0
      ? {}
      : {
          evidence: [
            {
              title: 'Import errors',
              columns: ['file', 'stack trace'],
              rows: errors.map(({ file, stackTrace }) => [file, stackTrace]),
            },
          ],
        }),
  };
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

const settingFindings = (pipeline: Pipeline, dag: DagDetails): Finding[] => [
  same('tags', list(pipeline.tags), list(dag.tags)),
  same('schedule', pipeline.schedule ?? 'none', dag.schedule ?? 'none'),
  same('catchup', String(pipeline.catchup), String(dag.catchup)),
];

function taskFindings(pipeline: Pipeline, tasks: readonly DagTask[]): Finding[] {
  const wanted = Object.entries(pipeline.tasks);
  return [
    same('tasks', list(wanted.map(([name]) => name)), list(tasks.map(({ taskId }) => taskId))),
    ...wanted.flatMap(([name, before]) => {
      const task = tasks.find(({ taskId }) => taskId === name);
      if (task === undefined) return [];
      const upstream = tasks.filter(({ downstream }) => downstream.includes(name));
      return [
        same(`${name}: runs after`, list(before), list(upstream.map(({ taskId }) => taskId))),
        same(`${name}: retries`, String(pipeline.retries), String(task.retries)),
      ];
    }),
  ];
}

const list = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.toSorted().join(', ');

const same = (subject: string, expected: string, observed: string): Finding => ({
  status: expected === observed ? 'passed' : 'failed',
  subject,
  expected,
  observed,
});
