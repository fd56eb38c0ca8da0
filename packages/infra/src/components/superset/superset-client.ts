import { z } from 'zod';
import { fetchText } from '../../system/fetch-text.ts';
import { jsonText } from '../../system/json-text.ts';
import type { ChartData } from '../chart-data.ts';
import { ChartToolError } from '../chart-tool-error.ts';

const TIMEOUT_MS = 60_000;
const UNAUTHORIZED = 401;

/** Thrown when Superset does not answer, or otherwise than expected. */
export class SupersetError extends ChartToolError {
  override readonly name = 'SupersetError';
}

/** An account of Superset's own database. */
export interface SupersetAccount {
  readonly username: string;
  readonly password: string;
}

/** A chart of a dashboard, and the dataset that it shows. */
export interface Chart {
  readonly id: number;
  readonly name: string;
  readonly dataset: number;
}

/** What a dataset reads: a table, or what a statement gives. */
export interface Dataset {
  readonly schema: string | null;
  readonly table: string;
  /** The statement of one that is no table. */
  readonly sql: string | null;
}

const chartsSchema = z.object({
  result: z.array(
    z.object({
      id: z.int(),
      slice_name: z.string(),
      form_data: z.object({ datasource: z.string().regex(/^\d+__table$/) }),
    }),
  ),
});

const datasetSchema = z.object({
  result: z.object({
    schema: z.string().nullable(),
    table_name: z.string(),
    sql: z.string().nullable(),
  }),
});

const dataSchema = z.object({
  result: z
    .array(
      z.object({
        data: z.array(z.record(z.string(), z.unknown())),
        query: z.string(),
        is_cached: z.boolean().nullable(),
        cached_dttm: z.string().nullable(),
      }),
    )
    .length(1, { error: 'expected a chart of one query' }),
});

const errorSchema = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z
    .object({ errors: z.array(z.object({ message: z.string() })).min(1) })
    .transform(({ errors }) => errors.map(({ message }) => message).join(' ')),
]);

/**
 * Superset's REST API, as far as bringing a platform up and verifying it need it
 * (https://superset.apache.org/docs/api). Every method throws a SupersetError for another answer than
 * expected.
 */
export class SupersetClient {
  readonly #url: string;
  readonly #account: SupersetAccount;
  #token: string | undefined;

  constructor(url: string, account: SupersetAccount) {
    this.#url = url;
    this.#account = account;
  }

  /** Resolves where it serves. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#ask('/health', { signal });
  }

  async version(): Promise<string> {
    const path = '/static/version_info.json';
    const { text } = await this.#ask(path, {});
    return this.#parse(path, text, z.object({ version: z.string() })).version;
  }

  /**
   * Makes databases, datasets, charts and dashboards what the archive has; others stay.
   * @param archive a ZIP of the form in which Superset exports assets
   */
  async importAssets(archive: Uint8Array<ArrayBuffer>): Promise<void> {
    const body = new FormData();
    body.set('bundle', new Blob([archive], { type: 'application/zip' }), 'assets.zip');
    const headers = { ...(await this.#authorization()), ...(await this.#writing()) };
    await this.#ask('/api/v1/assets/import/', { method: 'POST', headers, body });
  }

  /** The charts of the dashboard of that id or name in addresses, oldest first; undefined without such a dashboard. */
  async charts(dashboard: string): Promise<readonly Chart[] | undefined> {
    try {
      const path = `/api/v1/dashboard/${encodeURIComponent(dashboard)}/charts`;
      const { result } = await this.#get(path, chartsSchema);
      return result
        .map(({ id, slice_name: name, form_data: { datasource } }) => ({
          ...{ id, name, dataset: Number.parseInt(datasource, 10) },
        }))
        .toSorted((left, right) => left.id - right.id);
    } catch (error) {
      if (error instanceof SupersetError && error.status === 404) return undefined;
      throw error;
    }
  }

  async dataset(id: number): Promise<Dataset> {
    const { result } = await this.#get(`/api/v1/dataset/${id}`, datasetSchema);
    return { schema: result.schema, table: result.table_name, sql: result.sql };
  }

  /**
   * What a chart shows, by the query that is kept with it.
   * @param force whether the database is asked whatever Superset's cache has
   */
  async chartData(chart: number, { force }: { readonly force: boolean }): Promise<ChartData> {
    const path = `/api/v1/chart/${chart}/data/?force=${force}`;
    const [answer] = (await this.#get(path, dataSchema)).result;
    return {
      ...{ rows: answer?.data ?? [], query: answer?.query ?? '' },
      cachedAt: answer?.is_cached ? (answer.cached_dttm ?? 'a time that is not known') : undefined,
    };
  }

  /** What every request takes that changes something: the token against forged ones, and its session. */
  async #writing(): Promise<Record<string, string>> {
    const headers = await this.#authorization();
    const path = '/api/v1/security/csrf_token/';
    const { text, cookies } = await this.#ask(path, { headers });
    const { result } = this.#parse(path, text, z.object({ result: z.string() }));
    return {
      ...{ 'x-csrftoken': result, referer: this.#url },
      cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; '),
    };
  }

  async #authorization(): Promise<Record<string, string>> {
    this.#token ??= await this.#login();
    return { authorization: `Bearer ${this.#token}` };
  }

  async #login(): Promise<string> {
    const path = '/api/v1/security/login';
    const { text } = await this.#ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...this.#account, provider: 'db' }),
    });
    return this.#parse(path, text, z.object({ access_token: z.string() })).access_token;
  }

  async #get<Answer extends z.ZodType>(path: string, schema: Answer): Promise<z.infer<Answer>> {
    const ask = async () => this.#ask(path, { headers: await this.#authorization() });
    const { text } = await ask().catch((error: unknown) => {
      // A token is good for a quarter of an hour.
      const expired = error instanceof SupersetError && error.status === UNAUTHORIZED;
      if (!expired || this.#token === undefined) throw error;
      this.#token = undefined;
      return ask();
    });
    return this.#parse(path, text, schema);
  }

  #parse<Answer extends z.ZodType>(path: string, text: string, schema: Answer): z.infer<Answer> {
    const parsed = jsonText.pipe(schema).safeParse(text);
    if (parsed.success) return parsed.data as z.infer<Answer>;
    throw new SupersetError(
      `${path} of Superset at ${this.#url} was answered in another form than expected:\n${z.prettifyError(parsed.error)}`,
    );
  }

  async #ask(
    path: string,
    request: RequestInit & { readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ text: string; cookies: string[] }> {
    const { answer, text } = await fetchText(`${this.#url}${path}`, {
      ...request,
      // The server ends idle connections after two seconds, which may be when the next request is sent.
      headers: { ...request.headers, connection: 'close' },
      timeoutMs: TIMEOUT_MS,
      otherwise: (why, cause) =>
        new SupersetError(`Superset at ${this.#url} does not answer: ${why}.`, { cause }),
    });
    if (answer.ok) return { text, cookies: answer.headers.getSetCookie() };
    const said = jsonText.pipe(errorSchema).safeParse(text);
    throw new SupersetError(
      `Superset at ${this.#url} answered ${path} with status ${answer.status}${said.success ? `: ${said.data}` : '.'}`,
      { status: answer.status },
    );
  }
}
