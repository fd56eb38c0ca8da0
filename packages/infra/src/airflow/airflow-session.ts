import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { z } from 'zod';
import { AirflowError, airflowErrorOf } from './airflow-error.ts';

export interface AirflowAccount {
  readonly username: string;
  readonly password: string;
}

const REQUEST_TIMEOUT_MS = 30_000;
const RENEW_BEFORE_EXPIRY_MS = 60_000;
const PAGE_SIZE = 100;

const tokenSchema = z.object({ access_token: z.string() });
const claimsSchema = z.object({ exp: z.number() });

/**
 * Authorized calls of Airflow's REST API. The token is fetched at the first call, and again shortly
 * before it expires and when Airflow no longer accepts it.
 */
export class AirflowSession {
  readonly #http: AxiosInstance;
  readonly #account: AirflowAccount;
  #token: Promise<{ readonly text: string; readonly expiresAt: number }> | undefined;

  constructor(url: string, account: AirflowAccount, timeoutMs: number = REQUEST_TIMEOUT_MS) {
    this.#http = axios.create({ baseURL: url, timeout: timeoutMs, proxy: false });
    this.#account = account;
  }

  /** Gets a new token. @throws AirflowError when the account is refused or nobody answers */
  async login(): Promise<void> {
    const token = this.#fetchToken();
    this.#token = token;
    try {
      await token;
    } catch (error) {
      if (this.#token === token) this.#token = undefined;
      throw error;
    }
  }

  /** The answer to a call, parsed. @throws AirflowError */
  async request<Answer extends z.ZodType>(
    config: AxiosRequestConfig & { readonly method: string; readonly url: string },
    schema: Answer,
  ): Promise<z.infer<Answer>> {
    const call = `${config.method} ${config.url}`;
    let data: unknown;
    try {
      data = await this.#send(config);
    } catch (error) {
      throw error instanceof AirflowError ? error : airflowErrorOf(call, error);
    }
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    throw new AirflowError(
      `${call} was answered in another form than expected:\n${z.prettifyError(parsed.error)}`,
      undefined,
      { cause: parsed.error },
    );
  }

  /** The answer to a GET, parsed. @throws AirflowError */
  async get<Answer extends z.ZodType>(
    url: string,
    schema: Answer,
    config: AxiosRequestConfig = {},
  ): Promise<z.infer<Answer>> {
    return this.request({ ...config, method: 'GET', url }, schema);
  }

  /** All entries of a list that Airflow gives by pages. @throws AirflowError */
  async list<Entry extends z.ZodType>(
    url: string,
    field: string,
    entry: Entry,
  ): Promise<z.infer<Entry>[]> {
    const page = z
      .looseObject({ total_entries: z.number() })
      .transform(({ total_entries, [field]: entries }) => ({ total: total_entries, entries }))
      .pipe(z.object({ total: z.number(), entries: z.array(entry) }));
    const found: z.infer<Entry>[] = [];
    for (;;) {
      const params = { limit: PAGE_SIZE, offset: found.length };
      const { total, entries } = await this.get(url, page, { params });
      found.push(...entries);
      if (entries.length === 0 || found.length >= total) return found;
    }
  }

  async #send(config: AxiosRequestConfig): Promise<unknown> {
    try {
      return (await this.#http.request<unknown>(await this.#authorized(config))).data;
    } catch (error) {
      if (!axios.isAxiosError(error) || error.response?.status !== 401) throw error;
      await this.login();
      return (await this.#http.request<unknown>(await this.#authorized(config))).data;
    }
  }

  async #authorized(config: AxiosRequestConfig): Promise<AxiosRequestConfig> {
    // Calls that come while a token is on its way wait for that one.
    const token = this.#token;
    if (token === undefined || (await token).expiresAt - RENEW_BEFORE_EXPIRY_MS < Date.now()) {
      await this.login();
    }
    const { text = '' } = (await this.#token) ?? {};
    return { ...config, headers: { ...config.headers, authorization: `Bearer ${text}` } };
  }

  async #fetchToken(): Promise<{ text: string; expiresAt: number }> {
    const call = 'POST /auth/token';
    const { data } = await this.#http
      .post<unknown>('/auth/token', this.#account)
      .catch((error: unknown) => {
        throw airflowErrorOf(call, error);
      });
    const parsed = tokenSchema.safeParse(data);
    if (!parsed.success) throw new AirflowError(`${call} gave no access token.`);
    const text = parsed.data.access_token;
    return { text, expiresAt: expiryOf(text) };
  }
}

/**
 * What a call gives, or undefined when it is answered with that HTTP status.
 * @throws AirflowError for any other error
 */
export async function unlessStatus<Answer>(
  status: number,
  call: Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AirflowError && error.status === status) return undefined;
    throw error;
  }
}

/** When a JSON Web Token expires (RFC 7519, `exp`), in milliseconds; never for one that does not say. */
function expiryOf(token: string): number {
  const [, payload = ''] = token.split('.');
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
    return claimsSchema.parse(claims).exp * 1000;
  } catch {
    // Airflow then says itself when it has had enough of it, by a 401.
    return Number.POSITIVE_INFINITY;
  }
}
