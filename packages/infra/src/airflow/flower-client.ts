import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';
import type { Deployment } from '../state/deployment.ts';
import { AirflowError, airflowErrorOf } from './airflow-error.ts';
import type { AirflowAccount } from './airflow-session.ts';

/** A Celery worker that has ever answered Flower. */
export interface Worker {
  readonly name: string;
  /** Whether it answered this time. */
  readonly answers: boolean;
  /** Names of the queues that it takes tasks from. */
  readonly queues: readonly string[];
  /** Tasks that it works on at the same time. */
  readonly concurrency: number | undefined;
}

/** Tasks that wait in a queue for a worker. */
export interface Queue {
  readonly name: string;
  readonly messages: number;
}

const REQUEST_TIMEOUT_MS = 20_000;
/** Flower waits as long for further answers to each of its questions (inspect_timeout, in ms). */
const INSPECT_TIMEOUT_MS = 1_000;

const workersSchema = z.record(
  z.string(),
  z.object({
    /** When Flower last wrote down an answer, in seconds since 1970 by its clock. */
    timestamp: z.number(),
    active_queues: z.array(z.object({ name: z.string() })).default([]),
    stats: z
      .object({ pool: z.object({ 'max-concurrency': z.number().optional() }).optional() })
      .optional(),
  }),
);
const queuesSchema = z.object({
  active_queues: z.array(z.object({ name: z.string(), messages: z.number() })),
});

type KnownWorkers = z.infer<typeof workersSchema>;

/** Workers, of which those answer whose last answer is not the one that was known before. */
const workersOf = (asked: KnownWorkers, before: KnownWorkers): Worker[] =>
  Object.entries(asked).map(([name, { timestamp, active_queues, stats }]) => ({
    name,
    answers: timestamp !== before[name]?.timestamp,
    queues: active_queues.map((queue) => queue.name),
    concurrency: stats?.pool?.['max-concurrency'],
  }));

/**
 * Flower's API, which knows the Celery workers that Airflow's own API does not
 * (https://flower.readthedocs.io/en/latest/api.html). Every method throws an AirflowError when
 * Flower does not answer as expected.
 */
export class FlowerClient {
  readonly #http: AxiosInstance;

  /** @param timeout how long an answer may take, in ms; 20 s unless it is said */
  constructor(url: string, auth: AirflowAccount, timeout: number = REQUEST_TIMEOUT_MS) {
    this.#http = axios.create({ baseURL: url, timeout, proxy: false, auth });
  }

  /** Asks for what Flower knows already, which shows that it serves and that it accepts the account. */
  async login(): Promise<void> {
    await this.#workersNow({});
  }

  /**
   * All workers that Flower has seen, asked now; takes about two seconds. Flower keeps the last answer
   * of a worker that is gone, so only one that it wrote down during this call counts. It gives those
   * who ask at the same time the answers of one inspection, which may be older than their call: one
   * that ends sooner than an inspection can is followed by another.
   */
  async workers(): Promise<readonly Worker[]> {
    const known = await this.#workersNow({});
    const begin = performance.now();
    const asked = await this.#workersNow({ refresh: true });
    if (performance.now() - begin >= INSPECT_TIMEOUT_MS) return workersOf(asked, known);
    return workersOf(await this.#workersNow({ refresh: true }), asked);
  }

  /** The queues that workers take tasks from, with what waits in them. */
  async queues(): Promise<readonly Queue[]> {
    return (await this.#get('/api/queues/length', queuesSchema)).active_queues;
  }

  #workersNow(params: Readonly<Record<string, boolean>>): Promise<KnownWorkers> {
    return this.#get('/api/workers', workersSchema, params);
  }

  async #get<Answer extends z.ZodType>(
    url: string,
    schema: Answer,
    params: Readonly<Record<string, boolean>> = {},
  ): Promise<z.infer<Answer>> {
    const call = `GET ${url} of Flower`;
    const answer = await this.#http.get<unknown>(url, { params }).catch((error: unknown) => {
      throw airflowErrorOf(call, error);
    });
    const parsed = schema.safeParse(answer.data);
    if (parsed.success) return parsed.data;
    // The answer itself stays out: it has the tasks' tokens.
    throw new AirflowError(
      `${call} was answered in another form than expected:\n${z.prettifyError(parsed.error)}`,
    );
  }
}

/**
 * The client of a deployment's Flower; nothing is sent yet.
 * @throws AirflowError when the deployment has no Airflow or the secrets no password for it
 */
export function connectFlower(
  { airflow, name }: Deployment,
  secrets: Readonly<Record<string, string>>,
): FlowerClient {
  const password = secrets['flower_password'];
  if (airflow === undefined || password === undefined) {
    const missing = airflow === undefined ? `The platform ${name}` : 'The secrets file';
    throw new AirflowError(`${missing} has no access to Flower.`);
  }
  return new FlowerClient(airflow.flower.url, { username: airflow.flower.user, password });
}
