import { setTimeout as delay } from 'node:timers/promises';
import type { Secrets } from '@provehouse/secrets';
import { expect, test } from 'vitest';
import { airflowApi } from '../src/airflow/connections.ts';
import { answer } from './consumers.ts';

const DAG = 'hw16_data_loading_pipeline';
/** Each time that the scheduler looks for work it asks this table once, and nobody else does. */
const LOOKS = `SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'deadline'`;

/**
 * Some are for what the scheduler does at certain times, and the database may count a second late; without
 * anything that has it wait it looks seven times a second.
 */
const MOST_WHEN_IDLE = 2.5;

/** A platform with Airflow. */
export interface WithScheduler {
  /** The port of PostgreSQL. */
  readonly port: number;
  /** The URL of Airflow. */
  readonly url: string;
  readonly secrets: Secrets;
}

/** Tests of a platform on which no run of a DAG is under way; they leave one that has ended, of a DAG that is not paused. */
export function testIdleScheduler(running: () => Promise<WithScheduler>): void {
  async function looks(): Promise<number> {
    const { port, secrets } = await running();
    const login = { user: 'airflow', password: secrets.airflow_database_password };
    const [[count]] = (await answer({ ...login, database: 'airflow', port }, LOOKS)) as [[string]];
    return Number(count);
  }

  /** How often it looks in a second, while something lasts. */
  async function looksPerSecond(lasting: () => Promise<unknown>): Promise<number> {
    const [before, began] = [await looks(), performance.now()];
    await lasting();
    return ((await looks()) - before) / ((performance.now() - began) / 1000);
  }

  test('the scheduler looks for work once a second, and more often as long as there is a run that may go on', async () => {
    const { url, secrets } = await running();
    const airflow = airflowApi(url, secrets);
    const fiveSeconds = () => delay(5000);
    expect(await looksPerSecond(fiveSeconds)).toBeLessThan(MOST_WHEN_IDLE);

    const { runId } = await airflow.trigger(DAG, {});
    // That of a DAG that is paused waits for whoever unpauses it.
    const idle = await looksPerSecond(fiveSeconds);
    expect(idle).toBeLessThan(MOST_WHEN_IDLE);

    const state = async (): Promise<string> => (await airflow.run(DAG, runId)).state;
    const untilItEnds = async (): Promise<void> => {
      await airflow.unpause(DAG);
      await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe('success');
    };
    // How much more often depends on how busy the machine is: each look takes its time.
    expect(await looksPerSecond(untilItEnds)).toBeGreaterThan(idle);
  });
}
