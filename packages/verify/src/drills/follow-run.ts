import { setTimeout as delay } from 'node:timers/promises';
import { AirflowError, type AirflowClient, type DagRun } from '@provehouse/infra/airflow';
import type { Timeline } from './timeline.ts';

const POLL_MS = 100;

export interface FollowOptions {
  /** Gets the states of the tasks. */
  readonly timeline: Timeline;
  readonly signal: AbortSignal;
  /** When a run that has not ended is given up. */
  readonly seconds: number;
  readonly onTask?: (task: string, state: string) => void;
}

/**
 * Follows a run to its end, however often Airflow does not answer meanwhile, and gives its last state.
 * @throws AirflowError when Airflow does not answer even after the time
 */
export async function followRun(
  airflow: AirflowClient,
  { dagId, runId }: Pick<DagRun, 'dagId' | 'runId'>,
  { timeline, signal, seconds, onTask }: FollowOptions,
): Promise<string> {
  const states = new Map<string, string>();
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    const late = performance.now() > deadline;
    try {
      for (const { taskId, state, tryNumber } of await airflow.taskInstances(dagId, runId)) {
        const known = `${state ?? 'none'}#${tryNumber}`;
        if (states.get(taskId) === known) continue;
        states.set(taskId, known);
        timeline.task(taskId, state ?? 'none', tryNumber);
        onTask?.(taskId, state ?? 'none');
      }
      const { state } = await airflow.run(dagId, runId);
      if (state === 'success' || state === 'failed' || late) return state;
    } catch (error) {
      // The api-server may be what is broken.
      if (!(error instanceof AirflowError) || late) throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** In which try each task was, such as `load_sample_data in try 2`. */
export const describeTries = (timeline: Timeline): string => {
  const tries = new Map(timeline.record().tasks.map(({ task, try: attempt }) => [task, attempt]));
  return [...tries].map(([task, attempt]) => `${task} in try ${attempt}`).join(', ');
};
