import { z } from 'zod';
import { fetchText } from '../../system/fetch-text.ts';
import { jsonText } from '../../system/json-text.ts';
import type { ChartData } from '../chart-data.ts';
import { ChartToolError } from '../chart-tool-error.ts';
import * as answers from './metabase-answers.ts';

const TIMEOUT_MS = 60_000;
const [UNAUTHORIZED, NOT_FOUND] = [401, 404];

/** JSON, or nothing where there is nothing to say. */
const bodySchema = z.union([jsonText, z.literal('')]);

/** Thrown when Metabase does not answer, or otherwise than expected. */
export class MetabaseError extends ChartToolError {
  override readonly name = 'MetabaseError';
}

/** An account of Metabase; people log in with the address. */
export interface MetabaseAccount {
  readonly email: string;
  readonly password: string;
}

/** A question that a dashboard shows. */
export interface Question {
  readonly id: number;
  readonly name: string;
  /** Its place on the dashboard. */
  readonly dashcard: number;
}

/** Something that Metabase has, by the name that people see. */
export interface Named {
  readonly id: number;
  readonly name: string;
}

/**
 * Metabase's API, as far as bringing a platform up and verifying it need it
 * (https://www.metabase.com/docs/latest/api). It logs in when it has to, and out when it is disposed of. Every
 * method throws a MetabaseError for another answer than expected.
 */
export class MetabaseClient implements AsyncDisposable {
  readonly #url: string;
  readonly #account: MetabaseAccount;
  #session: Promise<string> | undefined;

  constructor(url: string, account: MetabaseAccount) {
    this.#url = url;
    this.#account = account;
  }

  /** What it says to everybody. */
  properties(): Promise<z.infer<typeof answers.propertiesSchema>> {
    return this.#ask('GET', '/api/session/properties', answers.propertiesSchema);
  }

  /** Makes the first user, who may do everything. */
  async setUp(setupToken: string, siteName: string): Promise<void> {
    const body = {
      ...{ token: setupToken, user: { ...this.#account, first_name: 'Provehouse' } },
      prefs: { site_name: siteName },
    };
    await this.#begin('/api/setup', body);
  }

  /** Whether the account's password is valid. */
  async mayLogIn(): Promise<boolean> {
    try {
      await this.#logIn();
      return true;
    } catch (error) {
      if (error instanceof MetabaseError && error.status === UNAUTHORIZED) return false;
      throw error;
    }
  }

  /** Gives the account another password. */
  async changePassword(password: string): Promise<void> {
    const { id } = await this.#get('/api/user/current', answers.userSchema);
    const body = { password, old_password: this.#account.password };
    await this.#request('PUT', `/api/user/${id}/password`, body, z.unknown());
  }

  /** The connections to databases, with what they are of. */
  async databases(): Promise<readonly (Named & { readonly engine: string })[]> {
    return (await this.#get('/api/database', answers.databasesSchema)).data;
  }

  /** Makes something, or changes the one of that id. @returns its id */
  async save(
    kind: 'database' | 'collection' | 'card' | 'dashboard',
    id: number | undefined,
    body: object,
  ): Promise<number> {
    const [method, path] =
      id === undefined ? (['POST', ''] as const) : (['PUT', `/${id}`] as const);
    return (await this.#request(method, `/api/${kind}${path}`, body, answers.madeSchema)).id;
  }

  /** The collections that are in no other. */
  async collections(): Promise<readonly Named[]> {
    const found = await this.#get('/api/collection', answers.collectionsSchema);
    return found.flatMap(({ id, name, location, archived }) =>
      typeof id === 'number' && location === '/' && !archived ? [{ id, name }] : [],
    );
  }

  /** Questions (`card`) and dashboards of a collection. */
  async items(collection: number): Promise<readonly (Named & { readonly model: string })[]> {
    const path = `/api/collection/${collection}/items?models=card&models=dashboard`;
    return (await this.#get(path, answers.itemsSchema)).data;
  }

  /** The questions that a dashboard shows; undefined without such a dashboard. */
  async questions(dashboard: number): Promise<readonly Question[] | undefined> {
    try {
      const path = `/api/dashboard/${dashboard}`;
      const { archived, dashcards } = await this.#get(path, answers.dashboardSchema);
      if (archived) return undefined;
      return dashcards.flatMap(({ id: dashcard, card_id: id, card }) =>
        id === null ? [] : [{ id, name: card?.name ?? '', dashcard }],
      );
    } catch (error) {
      if (error instanceof MetabaseError && error.status === NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** The statement of a question; undefined where it was made without one. */
  async statement(question: number): Promise<string | undefined> {
    // As versions before 0.57 gave it: https://www.metabase.com/docs/latest/developers-guide/api-changelog
    const path = `/api/card/${question}?legacy-mbql=true`;
    return (await this.#get(path, answers.cardSchema)).statement;
  }

  /**
   * What a question shows.
   * @param force whether the database is asked whatever Metabase's cache has
   */
  async answer(question: number, { force }: { readonly force: boolean }): Promise<ChartData> {
    const path = `/api/card/${question}/query`;
    const result = await this.#request('POST', path, { ignore_cache: force }, answers.resultSchema);
    if (result.status === 'failed') {
      throw new MetabaseError(
        `Metabase at ${this.#url} could not answer question ${question}: ${result.error ?? 'it does not say why'}`,
      );
    }
    const { rows, cols, native_form: native } = result.data;
    const cachedAt = result.cached === true ? 'a time that is not known' : result.cached;
    return {
      rows: rows.map((row) => Object.fromEntries(cols.map(({ name }, at) => [name, row[at]]))),
      query: native?.query ?? '',
      cachedAt: cachedAt === false ? undefined : (cachedAt ?? undefined),
    };
  }

  /** Ends its session, if there is one. */
  async [Symbol.asyncDispose](): Promise<void> {
    const begun = this.#session;
    this.#session = undefined;
    try {
      const session = await begun;
      if (session === undefined) return;
      await this.#ask('DELETE', '/api/session', z.unknown(), { session });
    } catch (error) {
      // It ends by itself, too, and what was asked has been answered.
      if (!(error instanceof MetabaseError)) throw error;
    }
  }

  #logIn(): Promise<string> {
    const { email: username, password } = this.#account;
    return this.#begin('/api/session', { username, password });
  }

  /** Begins the session that all further requests are of. */
  #begin(path: string, body: object): Promise<string> {
    const begun = this.#ask('POST', path, answers.sessionSchema, { body }).then(({ id }) => id);
    this.#session = begun;
    // What was refused is no session: the next request may be taken.
    begun.catch(() => (this.#session = undefined));
    return begun;
  }

  #get<Answer extends z.ZodType>(path: string, schema: Answer): Promise<z.infer<Answer>> {
    return this.#request('GET', path, undefined, schema);
  }

  async #request<Answer extends z.ZodType>(
    method: string,
    path: string,
    body: object | undefined,
    schema: Answer,
  ): Promise<z.infer<Answer>> {
    const session = await (this.#session ?? this.#logIn());
    return this.#ask(method, path, schema, { body, session });
  }

  async #ask<Answer extends z.ZodType>(
    method: string,
    path: string,
    schema: Answer,
    { body, session }: { readonly body?: object | undefined; readonly session?: string } = {},
  ): Promise<z.infer<Answer>> {
    const { answer, text } = await fetchText(`${this.#url}${path}`, {
      ...{ method, timeoutMs: TIMEOUT_MS },
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(session !== undefined && { 'x-metabase-session': session }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      otherwise: (why, cause) =>
        new MetabaseError(`Metabase at ${this.#url} does not answer: ${why}.`, { cause }),
    });
    if (!answer.ok) {
      const said = jsonText.pipe(answers.refusalSchema).safeParse(text);
      throw new MetabaseError(
        `Metabase at ${this.#url} answered ${method} ${path} with status ${answer.status}${said.success ? `: ${said.data}` : '.'}`,
        { status: answer.status },
      );
    }
    const parsed = bodySchema.pipe(schema).safeParse(text);
    if (parsed.success) return parsed.data as z.infer<Answer>;
    throw new MetabaseError(
      `${method} ${path} of Metabase at ${this.#url} was answered in another form than expected:\n${z.prettifyError(parsed.error)}`,
    );
  }
}
