import axios, { type AxiosInstance } from 'axios';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when Airflow's REST API does not do what the platform needs; never holds a credential. */
export class AirflowRestError extends ProvehouseError {
  override readonly name = 'AirflowRestError';
}

export interface AirflowConnection {
  readonly connection_id: string;
  readonly conn_type: string;
  readonly host?: string;
  readonly port?: number;
  readonly login?: string;
  readonly password?: string;
  readonly schema?: string;
  readonly extra?: string;
}

const heartbeat = z.object({ status: z.string().nullable() });
const healthSchema = z.object({
  metadatabase: heartbeat,
  scheduler: heartbeat.extend({ latest_scheduler_heartbeat: z.string().nullable() }),
  triggerer: heartbeat.extend({ latest_triggerer_heartbeat: z.string().nullable() }),
  dag_processor: heartbeat.extend({ latest_dag_processor_heartbeat: z.string().nullable() }),
});
const dagsSchema = z.object({
  dags: z.array(z.object({ dag_id: z.string(), last_parsed_time: z.string().nullable() })),
});
const importErrorsSchema = z.object({
  import_errors: z.array(z.object({ timestamp: z.string() })),
});

/**
 * The few calls of Airflow's REST API that bringing a platform up takes
 * (https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html).
 */
export class AirflowRest {
  readonly #http: AxiosInstance;
  readonly #account: { readonly username: string; readonly password: string };
  #token: string | undefined;

  constructor(url: string, account: { readonly username: string; readonly password: string }) {
    this.#http = axios.create({ baseURL: url, timeout: 10_000, proxy: false });
    this.#account = account;
  }

  /** When each part last gave a sign of life; undefined for a part that says it is not healthy. */
  async heartbeats(): Promise<
    Record<'scheduler' | 'triggerer' | 'dag_processor', Date | undefined>
  > {
    const health = healthSchema.parse(await this.#get('/api/v2/monitor/health', false));
    const when = (status: string | null, time: string | null): Date | undefined =>
      status === 'healthy' && time !== null ? new Date(time) : undefined;
    const { scheduler, triggerer, dag_processor } = health;
    return {
      scheduler: when(scheduler.status, scheduler.latest_scheduler_heartbeat),
      triggerer: when(triggerer.status, triggerer.latest_triggerer_heartbeat),
      dag_processor: when(dag_processor.status, dag_processor.latest_dag_processor_heartbeat),
    };
  }

  async version(): Promise<string> {
    return z.object({ version: z.string() }).parse(await this.#get('/api/v2/version')).version;
  }

  /** Whether some file of the DAGs folder was parsed since `time`, with or without an error. */
  async hasParsedSince(time: Date): Promise<boolean> {
    const { dags } = dagsSchema.parse(await this.#get('/api/v2/dags?exclude_stale=false'));
    const { import_errors } = importErrorsSchema.parse(await this.#get('/api/v2/importErrors'));
    const times = [
      ...dags.map(({ last_parsed_time }) => last_parsed_time),
      ...import_errors.map(({ timestamp }) => timestamp),
    ];
    return times.some((parsed) => parsed !== null && new Date(parsed) >= time);
  }

  /** Creates the connection, or makes the one of that name equal to it. */
  async putConnection(connection: AirflowConnection): Promise<void> {
    const id = connection.connection_id;
    const created = await this.#send('POST', '/api/v2/connections', connection, [409]);
    if (created === 409) await this.#send('PATCH', `/api/v2/connections/${id}`, connection, []);
  }

  /** Removes the connection if there is one. */
  async deleteConnection(id: string): Promise<void> {
    await this.#send('DELETE', `/api/v2/connections/${id}`, undefined, [404]);
  }

  /** Logs in. @throws AirflowRestError when the account is refused or nobody answers */
  async login(): Promise<void> {
    const answer = await this.#http
      .post<unknown>('/auth/token', this.#account)
      .catch((error: unknown) => {
        throw describe('POST /auth/token', error);
      });
    this.#token = z.object({ access_token: z.string() }).parse(answer.data).access_token;
  }

  async #get(path: string, authorized = true): Promise<unknown> {
    const headers = authorized ? await this.#authorization() : {};
    const answer = await this.#http.get<unknown>(path, { headers }).catch((error: unknown) => {
      throw describe(`GET ${path}`, error);
    });
    return answer.data;
  }

  async #send(
    method: string,
    url: string,
    data: unknown,
    accepted: readonly number[],
  ): Promise<number> {
    const headers = await this.#authorization();
    const answer = await this.#http
      .request({
        method,
        url,
        data,
        headers,
        validateStatus: (status) => status < 300 || accepted.includes(status),
      })
      .catch((error: unknown) => {
        throw describe(`${method} ${url}`, error);
      });
    return answer.status;
  }

  async #authorization(): Promise<{ authorization: string }> {
    if (this.#token === undefined) await this.login();
    return { authorization: `Bearer ${this.#token ?? ''}` };
  }
}

/** An error without the request, whose headers and body hold credentials. */
function describe(call: string, error: unknown): AirflowRestError {
  if (!axios.isAxiosError(error)) return new AirflowRestError(`${call} failed.`, { cause: error });
  const found = error.response ? `status ${error.response.status}` : (error.code ?? 'no answer');
  return new AirflowRestError(`Airflow did not accept ${call}: ${found}.`);
}
