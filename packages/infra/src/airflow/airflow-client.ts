import { z } from 'zod';
import type { Deployment } from '../state/deployment.ts';
import {
  connectionSchema,
  connectionTestSchema,
  dagRunSchema,
  dagSchema,
  dagTaskSchema,
  healthSchema,
  importErrorSchema,
  logSchema,
  parsedDagSchema,
  poolSchema,
  providerSchema,
  taskInstanceSchema,
  type ComponentHealth,
  type Connection,
  type ConnectionFields,
  type DagDetails,
  type DagRun,
  type DagTask,
  type ImportError,
  type Pool,
  type Provider,
  type TaskInstance,
} from './airflow-answers.ts';
import { AirflowError } from './airflow-error.ts';
import { AirflowSession, unlessStatus, type AirflowAccount } from './airflow-session.ts';
import { logText } from './log-text.ts';

/** HTTP's statuses for something that is not allowed, is not there, or there already (RFC 9110). */
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const CONFLICT = 409;

const path = (...parts: readonly string[]): string =>
  `/api/v2/${parts.map((part) => encodeURIComponent(part)).join('/')}`;

/**
 * Airflow's public REST API, as far as bringing a platform up and verifying it need it
 * (https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html).
 * Every method throws an AirflowError when Airflow does not answer as expected.
 */
export class AirflowClient {
  readonly #session: AirflowSession;

  /** @param timeoutMs how long an answer may take; half a minute unless it is said */
  constructor(url: string, account: AirflowAccount, timeoutMs?: number) {
    this.#session = new AirflowSession(url, account, timeoutMs);
  }

  /** Logs in; other calls do it by themselves when needed. */
  async login(): Promise<void> {
    await this.#session.login();
  }

  async version(): Promise<string> {
    return (await this.#session.get(path('version'), z.object({ version: z.string() }))).version;
  }

  /** The provider packages that are installed, with their versions. */
  async providers(): Promise<readonly Provider[]> {
    return this.#session.list(path('providers'), 'providers', providerSchema);
  }

  /** What the scheduler, the triggerer, the DAG processor and the database say of themselves. */
  async health(): Promise<readonly ComponentHealth[]> {
    return this.#session.get(path('monitor', 'health'), healthSchema);
  }

  /** A DAG as it was last parsed, or undefined when there is none of that name. */
  async dag(dagId: string): Promise<DagDetails | undefined> {
    return unlessStatus(NOT_FOUND, this.#session.get(path('dags', dagId, 'details'), dagSchema));
  }

  async dagTasks(dagId: string): Promise<readonly DagTask[]> {
    const answer = z.object({ tasks: z.array(dagTaskSchema) });
    return (await this.#session.get(path('dags', dagId, 'tasks'), answer)).tasks;
  }

  /** DAG files that could not be parsed. */
  async importErrors(): Promise<readonly ImportError[]> {
    return this.#session.list(path('importErrors'), 'import_errors', importErrorSchema);
  }

  async connections(): Promise<readonly Connection[]> {
    return this.#session.list(path('connections'), 'connections', connectionSchema);
  }

  /** Creates the connection, or makes the one of that name equal to it. */
  async putConnection(connection: ConnectionFields): Promise<void> {
    const data = connection;
    const created = await unlessStatus(
      CONFLICT,
      this.#session.request({ method: 'POST', url: path('connections'), data }, z.unknown()),
    );
    if (created !== undefined) return;
    const url = path('connections', connection.connection_id);
    await this.#session.request({ method: 'PATCH', url, data }, z.unknown());
  }

  /** Removes the connection if there is one. */
  async deleteConnection(id: string): Promise<void> {
    const url = path('connections', id);
    await unlessStatus(NOT_FOUND, this.#session.request({ method: 'DELETE', url }, z.unknown()));
  }

  /**
   * Has Airflow try the connection that it keeps under that name, by the hook of its type; undefined where
   * Airflow's setting `test_connection`, or what the account may do, forbids that.
   */
  async testConnection({
    id,
    type,
  }: Pick<Connection, 'id' | 'type'>): Promise<
    { readonly works: boolean; readonly message: string } | undefined
  > {
    // Fields that are not given stay as they are kept.
    const data = { connection_id: id, conn_type: type };
    const url = path('connections', 'test');
    return unlessStatus(
      FORBIDDEN,
      this.#session.request({ method: 'POST', url, data }, connectionTestSchema),
    );
  }

  /** Whether some file of the DAGs folder was parsed since `time`, with or without an error. */
  async hasParsedSince(time: Date): Promise<boolean> {
    const [dags, errors] = await Promise.all([
      this.#session.list(`${path('dags')}?exclude_stale=false`, 'dags', parsedDagSchema),
      this.importErrors(),
    ]);
    return [...dags.map(({ parsedAt }) => parsedAt), ...errors.map(({ at }) => at)].some(
      (parsedAt) => parsedAt !== undefined && parsedAt >= time,
    );
  }

  /** Lets the scheduler run the DAG. */
  async unpause(dagId: string): Promise<void> {
    const url = path('dags', dagId);
    const params = { update_mask: 'is_paused' };
    const data = { is_paused: false };
    await this.#session.request({ method: 'PATCH', url, params, data }, z.object({}));
  }

  /** Starts a run of the DAG with this `conf`. */
  async trigger(dagId: string, conf: Readonly<Record<string, unknown>>): Promise<DagRun> {
    const url = path('dags', dagId, 'dagRuns');
    const data = { logical_date: null, conf };
    return this.#session.request({ method: 'POST', url, data }, dagRunSchema);
  }

  async run(dagId: string, runId: string): Promise<DagRun> {
    return this.#session.get(path('dags', dagId, 'dagRuns', runId), dagRunSchema);
  }

  /** The DAG's runs that run, or wait to. */
  async activeRuns(dagId: string): Promise<readonly DagRun[]> {
    const url = `${path('dags', dagId, 'dagRuns')}?state=running&state=queued`;
    return this.#session.list(url, 'dag_runs', dagRunSchema);
  }

  async pools(): Promise<readonly Pool[]> {
    return this.#session.list(path('pools'), 'pools', poolSchema);
  }

  /** The stream of a run's states, one JSON object a line, as Airflow sends it until the run ends. */
  async runStates(
    dagId: string,
    runId: string,
    { signal, intervalSeconds }: { signal: AbortSignal; intervalSeconds: number },
  ): Promise<NodeJS.ReadableStream> {
    const stream = z.custom<NodeJS.ReadableStream>(
      (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
    );
    return this.#session.get(path('dags', dagId, 'dagRuns', runId, 'wait'), stream, {
      params: { interval: intervalSeconds },
      responseType: 'stream',
      timeout: 0,
      signal,
    });
  }

  /** The run's tasks, each in its last try. */
  async taskInstances(dagId: string, runId: string): Promise<readonly TaskInstance[]> {
    const url = path('dags', dagId, 'dagRuns', runId, 'taskInstances');
    return this.#session.list(url, 'task_instances', taskInstanceSchema);
  }

  /** The log of a task's try as text, one line an event. */
  async log(
    dagId: string,
    runId: string,
    { taskId, tryNumber, mapIndex }: Pick<TaskInstance, 'taskId' | 'tryNumber' | 'mapIndex'>,
  ): Promise<string> {
    const task = path('dags', dagId, 'dagRuns', runId, 'taskInstances', taskId);
    const params = { full_content: true, map_index: mapIndex };
    const answer = await this.#session.get(`${task}/logs/${tryNumber}`, logSchema, { params });
    return logText(answer.content);
  }

  /** What a task left under the key, as JSON, or undefined when it left nothing. */
  async xcom(dagId: string, runId: string, taskId: string, key = 'return_value'): Promise<unknown> {
    const task = path('dags', dagId, 'dagRuns', runId, 'taskInstances', taskId);
    const url = `${task}/xcomEntries/${encodeURIComponent(key)}`;
    const entry = this.#session.get(url, z.object({ value: z.unknown() }));
    return (await unlessStatus(NOT_FOUND, entry))?.value;
  }
}

/**
 * The client of a deployment's Airflow; nothing is sent yet.
 * @throws AirflowError when the deployment has no Airflow or the secrets no password for it
 */
export function connectAirflow(
  { airflow, name }: Deployment,
  secrets: Readonly<Record<string, string>>,
): AirflowClient {
  if (airflow === undefined) {
    throw new AirflowError(`The platform ${name} has no Airflow. Start it with one: infra:up.`);
  }
  const password = secrets['airflow_admin_password'];
  if (password === undefined) {
    throw new AirflowError('The secrets have no airflow_admin_password. Run secrets:check.');
  }
  return new AirflowClient(airflow.url, { username: airflow.user, password });
}
