import { setTimeout as delay } from 'node:timers/promises';
import {
  AirflowError,
  type AirflowClient,
  type FlowerClient,
  type Worker,
} from '@provehouse/infra/airflow';
import { isWaiting, whyWaiting } from './why-waiting.ts';

const LOOK_EVERY_MS = 3_000;

/** Whom to ask about a run. */
export interface Asked {
  readonly airflow: AirflowClient;
  /** Knows the workers; without it nothing is said of them. */
  readonly flower?: FlowerClient | undefined;
  readonly dagId: string;
  readonly runId: string;
}

/** Why the run waits, if it does: a sentence for each cause. @throws AirflowError */
export async function askWhyWaiting({ airflow, flower, dagId, runId }: Asked): Promise<string[]> {
  const [run, tasks] = await Promise.all([
    airflow.run(dagId, runId),
    airflow.taskInstances(dagId, runId),
  ]);
  if (!isWaiting({ run, tasks })) return [];
  const [dag, importErrors, activeRuns, components, pools, workers] = await Promise.all([
    airflow.dag(dagId),
    airflow.importErrors(),
    airflow.activeRuns(dagId),
    airflow.health(),
    airflow.pools(),
    workersOf(flower),
  ]);
  return whyWaiting({ run, tasks, dag, importErrors, activeRuns, components, pools, workers });
}

async function workersOf(flower: FlowerClient | undefined): Promise<readonly Worker[] | string> {
  if (flower === undefined) return 'Flower was not asked.';
  return flower.workers().catch((error: unknown) => {
    if (error instanceof AirflowError) return error.message;
    throw error;
  });
}

/** Asks again and again why the run waits, and reports what is new, until the signal. */
export async function tellWhyWaiting(
  asked: Asked,
  signal: AbortSignal,
  onWaiting: (reasons: readonly string[]) => void,
): Promise<void> {
  let reported = '';
  while (await passed(LOOK_EVERY_MS, signal)) {
    const reasons = await askWhyWaiting(asked).catch(said);
    if (signal.aborted || reasons.length === 0 || reasons.join() === reported) continue;
    reported = reasons.join();
    onWaiting(reasons);
  }
}

/** An Airflow that cannot tell why is a reason as well. */
export function said(error: unknown): string[] {
  if (error instanceof AirflowError) return [error.message];
  throw error;
}

const passed = (milliseconds: number, signal: AbortSignal): Promise<boolean> =>
  delay(milliseconds, true, { signal }).catch(() => false);
