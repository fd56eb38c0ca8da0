import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import {
  tail,
  type AirflowClient,
  type DagRun,
  type FlowerClient,
} from '@provehouse/infra/airflow';
import { askWhyWaiting, said, tellWhyWaiting, type Asked } from './ask-why-waiting.ts';

export interface WaitOptions {
  readonly timeoutSeconds?: number;
  /** Told of each state of the run that is new. */
  readonly onState?: (state: string) => void;
  /** Told why nothing of the run is worked on, whenever that is new. */
  readonly onWaiting?: (reasons: readonly string[]) => void;
  /** Who knows the workers that a run may wait for. */
  readonly flower?: FlowerClient | undefined;
}

/**
 * Thrown when a run does not end in time; says why it waits, if it does, and which task is in which
 * state, with its log's end.
 */
export class RunTimeoutError extends ProvehouseError {
  override readonly name = 'RunTimeoutError';
  readonly run: RunName;
  /** Why it waits, a sentence for each cause. */
  readonly reasons: readonly string[];

  constructor(message: string, run: RunName, reasons: readonly string[]) {
    super(message);
    this.run = run;
    this.reasons = reasons;
  }
}

/** How long a run may take unless it is said. */
export const DEFAULT_TIMEOUT_SECONDS = 600;
const INTERVAL_SECONDS = 0.1;
const LOG_TAIL = 2000;
const stateSchema = z.object({ state: z.string() });

const hasEnded = (state: string): boolean => state === 'success' || state === 'failed';

/** A run by the ids that Airflow gives it. */
export interface RunName {
  readonly dagId: string;
  readonly runId: string;
}

/**
 * Follows a run by Airflow's stream of states until it ends. That call is experimental: where it is
 * missing or breaks off, the run is asked for again and again instead.
 * @throws RunTimeoutError after the time, with each task's state and the end of its log
 */
export async function waitForRun(
  client: AirflowClient,
  run: RunName,
  { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, onState, onWaiting, flower }: WaitOptions = {},
): Promise<DagRun> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const asked: Asked = { airflow: client, flower, dagId: run.dagId, runId: run.runId };
  const ended = new AbortController();
  const telling =
    onWaiting && tellWhyWaiting(asked, AbortSignal.any([signal, ended.signal]), onWaiting);
  try {
    return await untilEnd(asked, signal, timeoutSeconds, onState);
  } finally {
    ended.abort();
    await telling;
  }
}

async function untilEnd(
  asked: Asked,
  signal: AbortSignal,
  timeoutSeconds: number,
  onState: (state: string) => void = () => undefined,
): Promise<DagRun> {
  const { airflow: client, dagId, runId } = asked;
  const run = { dagId, runId };
  let last: string | undefined;
  const tell = (state: string): void => {
    if (state !== last) onState(state);
    last = state;
  };
  await followStream(client, run, signal, tell).catch(() => undefined);
  for (;;) {
    const found = await client.run(run.dagId, run.runId);
    tell(found.state);
    if (hasEnded(found.state)) return found;
    if (signal.aborted) throw await timeoutError(asked, found.state, timeoutSeconds);
    await delay(INTERVAL_SECONDS * 1000);
  }
}

async function followStream(
  client: AirflowClient,
  { dagId, runId }: RunName,
  signal: AbortSignal,
  tell: (state: string) => void,
): Promise<void> {
  const options = { signal, intervalSeconds: INTERVAL_SECONDS };
  const input = await client.runStates(dagId, runId, options);
  for await (const line of createInterface({ input, signal })) {
    if (line.trim() === '') continue;
    const { state } = stateSchema.parse(JSON.parse(line));
    tell(state);
    if (hasEnded(state)) return;
  }
}

async function timeoutError(
  asked: Asked,
  state: string,
  seconds: number,
): Promise<RunTimeoutError> {
  const { airflow: client, dagId, runId } = asked;
  const [tasks, reasons] = await Promise.all([
    client.taskInstances(dagId, runId),
    askWhyWaiting(asked).catch(said),
  ]);
  const lines = await Promise.all(
    tasks.map(async (task) => {
      const head = `- ${task.taskId}: ${task.state}, try ${task.tryNumber}`;
      if (task.startedAt === undefined || task.state === 'success') return head;
      const log = await client
        .log(dagId, runId, task)
        .catch((error: unknown) => `no log: ${String(error)}`);
      return `${head}\n${tail(log, LOG_TAIL)}`;
    }),
  );
  return new RunTimeoutError(
    [
      `Run ${runId} of ${dagId} did not end within ${seconds} s; it is ${state}:`,
      ...reasons,
      ...lines,
    ].join('\n'),
    { dagId, runId },
    reasons,
  );
}
