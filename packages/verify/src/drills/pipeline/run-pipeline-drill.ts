import { setTimeout as delay } from 'node:timers/promises';
import { measureCpuPressure } from '@provehouse/infra';
import { AirflowError, type AirflowClient } from '@provehouse/infra/airflow';
import { waitForDag } from '../../airflow/wait-for-dag.ts';
import { localTables, type Contract } from '../../contract/contract.ts';
import { tableContent } from '../../clickhouse/table-content.ts';
import type { Finding } from '../../verdict.ts';
import { baselineFinding, recoveryFinding } from '../account-findings.ts';
import type { Account } from '../account.ts';
import type { Fault, PipelineDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { DrillRun } from '../drill-result.ts';
import { clearJournal, writeJournal, type FaultJournal } from '../fault-journal.ts';
import type { Schedule } from '../schedule.ts';
import { reviveUntil } from '../survivors.ts';
import { taskSeconds, Timeline, type TimelineRecord } from '../timeline.ts';
import { undoAll } from '../undo.ts';
import type { Baselines } from '../baselines.ts';
import { describeTries, followRun } from '../follow-run.ts';
import { contentFindings, pipelineAccount, type Contents } from './pipeline-account.ts';

/** Enough rows that a task can be hit while it works. */
const ROWS = 1_000_000;
const RUN_SECONDS = 240;

export interface PipelineOptions {
  readonly journal: FaultJournal;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
  /** What drills of one command share. */
  readonly baselines: Baselines;
}

/** Runs the pipeline without the fault, unless that was done, and with it, and compares what the nodes hold. */
export async function runPipelineDrill(
  drill: PipelineDrill,
  target: DrillTarget,
  schedule: Schedule,
  options: PipelineOptions,
): Promise<DrillRun> {
  const { airflow, contract } = target;
  const { pipeline } = contract;
  if (airflow === undefined || pipeline === undefined) {
    throw new AirflowError(
      'A drill of a pipeline needs an Airflow and a contract with a pipeline.',
    );
  }
  await waitForDag(airflow, pipeline.dag);
  await airflow.unpause(pipeline.dag);
  const {
    account: baseline,
    contents: before,
    timeline,
  } = await options.baselines.pipeline.of(async () => {
    options.onPhase('a run without the fault');
    const plain = new Timeline();
    const state = await runOnce(airflow, pipeline, plain, options.signal);
    const contents = await contentsOf(target);
    const account = pipelineAccount(ROWS, state, contents, contents, target.cluster);
    return { account, contents, timeline: plain.record() };
  });
  const sane = baselineFinding(baseline);
  if (sane.status !== 'passed') {
    return { findings: [sane], account: baseline, baseline, timeline };
  }
  const fault = await drill.fault(target, schedule);
  await writeJournal(options.journal, drill.name, fault.undo);
  try {
    const broken = await runBroken(
      target,
      { airflow, pipeline, drill, fault, delayMs: delayOf(schedule, drill, timeline) },
      before,
      options,
    );
    return { ...broken, baseline, findings: [sane, ...broken.findings] };
  } finally {
    await undoAll(target, fault.undo);
    await clearJournal(options.journal);
  }
}

interface BrokenRun {
  readonly airflow: AirflowClient;
  readonly pipeline: NonNullable<Contract['pipeline']>;
  readonly drill: PipelineDrill;
  readonly fault: Fault;
  /** From the start of the task to the fault. */
  readonly delayMs: number;
}

/** The task is hit at the same share of it on a fast machine and on a slow one. */
const delayOf = (
  { momentPercent }: Schedule,
  { duringTask }: PipelineDrill,
  without: TimelineRecord,
): number => taskSeconds(without, duringTask) * 10 * momentPercent;

async function runBroken(
  target: DrillTarget,
  { airflow, pipeline, drill, fault, delayMs }: BrokenRun,
  before: Contents,
  { signal, onPhase }: PipelineOptions,
): Promise<Omit<DrillRun, 'baseline'>> {
  onPhase('a run with the fault');
  const timeline = new Timeline();
  const pressure = measureCpuPressure();
  const findings: Finding[] = [];
  const reached = Promise.withResolvers<undefined>();
  const failed = new AbortController();
  const run = runOnce(
    airflow,
    pipeline,
    timeline,
    AbortSignal.any([signal, failed.signal]),
    (task, taskState) => {
      if (task === drill.duringTask && taskState === 'running') reached.resolve(undefined);
    },
  );
  // A run that ends before the fault comes proves nothing, and must not be waited for in vain.
  void run.then(() => reached.resolve(undefined), reached.reject);
  const following = run.then((state) => {
    timeline.mark('recovered');
    return state;
  });
  try {
    await reached.promise;
    await delay(delayMs, undefined, { signal });
    await fault.inject();
    timeline.mark('injected');
    findings.push(await fault.prove());
    timeline.mark('proved');
    findings.push(...((await fault.during?.()) ?? []));
    onPhase('recovery');
    timeline.mark('lifted');
    await (fault.lift === undefined ? undoAll(target, fault.undo) : fault.lift());
  } catch (error) {
    failed.abort(error);
    await following.catch(() => undefined);
    throw error;
  }
  const [state, revived] = await Promise.all([
    following,
    reviveUntil(target, run, {
      stableSeconds: drill.watchSeconds ?? 0,
      budgetSeconds: drill.recoverySeconds,
    }),
  ]);
  findings.push(...revived, ...((await fault.recovered?.()) ?? []));
  const contents = await contentsOf(target);
  timeline.mark('ended');
  // A run may end right before the fault is lifted: then there is nothing to recover from.
  const recoverySeconds = Math.max(0, timeline.secondsBetween('lifted', 'recovered') ?? 0);
  const account: Account = pipelineAccount(ROWS, state, before, contents, target.cluster);
  findings.push(
    {
      status: state === 'success' ? 'passed' : 'failed',
      subject: 'the run',
      expected: 'success, within the retries that the tasks have',
      observed: `${state}; ${describeTries(timeline)}`,
    },
    ...contentFindings(account, before, contents),
    recoveryFinding(
      state === 'success' ? recoverySeconds : undefined,
      drill.recoverySeconds,
      pressure(),
    ),
  );
  return { findings, account, timeline: timeline.record(), recoverySeconds };
}

/** Starts a run and follows it to its end, however often Airflow does not answer meanwhile. */
const runOnce = async (
  airflow: AirflowClient,
  { dag, conf }: NonNullable<Contract['pipeline']>,
  timeline: Timeline,
  signal: AbortSignal,
  onTask?: (task: string, state: string) => void,
): Promise<string> =>
  followRun(airflow, await airflow.trigger(dag, { ...conf, rows: ROWS }), {
    ...{ timeline, signal, seconds: RUN_SECONDS },
    ...(onTask && { onTask }),
  });

async function contentsOf({ cluster, deployment, contract }: DrillTarget): Promise<Contents> {
  const tables = localTables(contract);
  const found = await Promise.all(
    cluster.nodes.flatMap((node) =>
      tables.map(
        async (table) =>
          [`${node.node.name} ${table.name}`, await tableContent(node, deployment, table)] as const,
      ),
    ),
  );
  return new Map(found);
}
