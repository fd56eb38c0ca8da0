import { setTimeout as delay } from 'node:timers/promises';
import { measureCpuPressure, type TopicClient } from '@provehouse/infra';
import type { AirflowClient } from '@provehouse/infra/airflow';
import { ProvehouseError } from '@provehouse/secrets';
import { waitForDag } from '../../airflow/wait-for-dag.ts';
import type { Finding } from '../../verdict.ts';
import { baselineFinding, recoveryFinding } from '../account-findings.ts';
import type { Baselines, StreamBaseline } from '../baselines.ts';
import type { Fault, StreamDrill } from '../drill.ts';
import type { DrillTarget } from '../drill-target.ts';
import type { DrillRun } from '../drill-result.ts';
import { clearJournal, writeJournal, type FaultJournal } from '../fault-journal.ts';
import { describeTries, followRun } from '../follow-run.ts';
import type { Schedule } from '../schedule.ts';
import { reviveUntil } from '../survivors.ts';
import { Timeline } from '../timeline.ts';
import { undoAll, type Undo } from '../undo.ts';
import { MOST_EVENTS, STREAM } from './event-stream.ts';
import { accountForStream } from './stream-account.ts';
import { streamOf, type Stream } from './stream.ts';
import { copyTopic, messagesIn, tablesOf, topicCopyOf } from './topic-copy.ts';

/** Enough that the fault comes while they are stored. */
const EVENTS = 200_000;
const RUN_SECONDS = 480;
const POLL_MS = 100;

/** Thrown when the stream cannot take what a drill sends. */
export class StreamDrillError extends ProvehouseError {
  override readonly name = 'StreamDrillError';
}

export interface StreamOptions {
  readonly journal: FaultJournal;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: string) => void;
  readonly baselines: Baselines;
}

/**
 * Sends events through the pipeline, with the fault in their middle, and before that without one, unless a
 * drill before has done so.
 * @throws UndoError when the platform cannot be put right
 */
export async function runStreamDrill(
  drill: StreamDrill,
  target: DrillTarget,
  schedule: Schedule,
  options: StreamOptions,
): Promise<DrillRun> {
  const { airflow, topics } = target;
  if (airflow === undefined || topics === undefined) {
    throw new StreamDrillError('A drill of the stream needs an Airflow and a Kafka.');
  }
  await waitForDag(airflow, STREAM.dag);
  await airflow.unpause(STREAM.dag);
  const run = { target, airflow, topics, schedule, options };
  const before = await options.baselines.stream.of(() => {
    options.onPhase('events without the fault');
    return sendEvents(run);
  });
  const baseline = before.account;
  const sane = baselineFinding(baseline);
  if (sane.status !== 'passed') {
    // What is wrong without a fault says nothing of what the fault does.
    const doubts = before.findings.filter(({ status }) => status !== 'passed');
    const why = doubts.map((finding) => ({ ...finding, status: 'inconclusive' as const }));
    return { ...before, baseline, findings: [sane, ...why] };
  }
  const broken = await sendEvents(run, drill);
  return { ...broken, baseline, findings: [sane, ...broken.findings] };
}

interface Run {
  readonly target: DrillTarget;
  readonly airflow: AirflowClient;
  readonly topics: TopicClient;
  readonly schedule: Schedule;
  readonly options: StreamOptions;
}

/** One run of the pipeline with new events, and the account of all that the topic has then. */
async function sendEvents(run: Run, drill?: StreamDrill): Promise<StreamBaseline> {
  const { target, airflow, topics, schedule, options } = run;
  const copy = topicCopyOf(`${Date.now().toString(36)}${process.pid.toString(36)}`);
  const undo: Undo[] = [{ kind: 'tables', names: [...tablesOf(copy)] }];
  const note = (): Promise<void> => writeJournal(options.journal, drill?.name ?? 'stream', undo);
  await note();
  try {
    const offsets = await topics.offsets(STREAM.topic, STREAM.group);
    // The pipeline brings the topic up to this number; messages that are no events make it a few more.
    const { events: more = EVENTS } = drill ?? {};
    const events = messagesIn(offsets) + more;
    if (events > MOST_EVENTS) {
      throw new StreamDrillError(
        `Expected at most ${MOST_EVENTS - more} messages on the topic ${STREAM.topic}, found ${events - more}. Remove the topic and the tables: docs/kafka.md says how.`,
      );
    }
    const dagRun = await airflow.trigger(STREAM.dag, { rows: events });
    const stream = streamOf(target, { airflow, topics, run: dagRun }, offsets, more);
    const timeline = new Timeline();
    const pressure = measureCpuPressure();
    const failed = new AbortController();
    const end = followRun(airflow, dagRun, {
      ...{ timeline, seconds: RUN_SECONDS },
      signal: AbortSignal.any([options.signal, failed.signal]),
    });
    const ended = end.then((state) => {
      timeline.mark('recovered');
      return state;
    });
    // It may end badly while the fault is still being made.
    void ended.catch(() => undefined);
    const findings: Finding[] = [];
    let fault: Fault | undefined;
    try {
      fault = await drill?.fault(target, schedule, stream);
      if (drill !== undefined && fault !== undefined) {
        undo.unshift(...fault.undo);
        await note();
        options.onPhase('events with the fault');
        await untilOnTheWay(drill, stream, end, options.signal);
        findings.push(...(await breakStream(target, fault, timeline, options)));
      }
    } catch (error) {
      failed.abort(error);
      await ended.catch(() => undefined);
      throw error;
    }
    const watch = { stableSeconds: 0, budgetSeconds: drill?.recoverySeconds ?? 60 };
    const [state, revived] = await Promise.all([ended, reviveUntil(target, end, watch)]);
    findings.push(...revived, ...((await fault?.recovered?.()) ?? []));
    options.onPhase('the account');
    await copyTopic(target, topics, copy, options.signal);
    // The task that sends has succeeded when the broker has acknowledged all.
    const sent = timeline.record().tasks.findLast(({ task }) => task === STREAM.sender);
    const isAcknowledged = sent?.state === 'success';
    const asked = { events, isAcknowledged };
    const { account, findings: accounted } = await accountForStream(target, topics, copy, asked);
    timeline.mark('ended');
    findings.push(
      {
        status: state === 'success' ? 'passed' : 'failed',
        subject: 'the run',
        expected: 'success, within the retries that the tasks have',
        observed: `${state}; ${describeTries(timeline)}`,
      },
      ...accounted,
    );
    // A run may end right before the fault is lifted: then there is nothing to recover from.
    const recoverySeconds = Math.max(0, timeline.secondsBetween('lifted', 'recovered') ?? 0);
    if (drill === undefined) return { findings, account, timeline: timeline.record() };
    const inTime = state === 'success' ? recoverySeconds : undefined;
    findings.push(recoveryFinding(inTime, drill.recoverySeconds, pressure()));
    return { findings, account, timeline: timeline.record(), recoverySeconds };
  } finally {
    await undoAll(target, undo);
    await clearJournal(options.journal);
  }
}

/** Waits until the events are where the drill hits them, or the run has ended. */
async function untilOnTheWay(
  { hits }: StreamDrill,
  stream: Stream,
  end: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  void end.then(over, over);
  const isThere = {
    sender: () => stream.isSending(),
    // Each question to the broker costs a process.
    topic: async () => (await stream.isSending()) && (await stream.onTopic()) > 0,
    stored: async () => (await stream.stored()) > 0,
  }[hits];
  while (!isOver && !(await isThere())) await delay(POLL_MS, undefined, { signal });
}

async function breakStream(
  target: DrillTarget,
  fault: Fault,
  timeline: Timeline,
  { onPhase }: StreamOptions,
): Promise<readonly Finding[]> {
  await fault.inject();
  timeline.mark('injected');
  const proof = await fault.prove();
  timeline.mark('proved');
  const meanwhile = (await fault.during?.()) ?? [];
  onPhase('recovery');
  timeline.mark('lifted');
  await (fault.lift === undefined ? undoAll(target, fault.undo) : fault.lift());
  return [proof, ...meanwhile];
}
