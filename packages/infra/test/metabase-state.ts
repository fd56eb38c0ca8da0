import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { askClickHouse } from './metabase-query.ts';
import * as requests from './metabase-requests.ts';
import {
  shownCard,
  UNSET_OF_DASHBOARD,
  UNSET_OF_PLACE,
  withoutPassword,
  withStages,
  type Card,
  type Dashboard,
  type Database,
  type Kept,
  type Places,
} from './metabase-shown.ts';

/** An answer: a status of HTTP and what is said. */
type Answer = readonly [status: number, body?: unknown];

const NOT_FOUND: Answer = [404, 'Not found.'];

/** What a Metabase knows and answers, by the methods and paths of its API. */
export class MetabaseState {
  readonly requests: string[] = [];
  cache = false;
  readonly #setupToken = randomUUID();
  readonly #sessions = new Set<string>();
  #user: { email: string; password: string } | undefined;
  #ids = 0;
  readonly #databases = new Map<number, Kept<Database>>();
  readonly #collections = new Map<number, { id: number; name: string }>();
  readonly #cards = new Map<number, Kept<Card>>();
  readonly #dashboards = new Map<number, Kept<Dashboard> & { dashcards: Places }>();
  readonly #kept = new Map<number, object>();

  async answer(method: string, url: string, body: string, session: string): Promise<Answer> {
    const { pathname, searchParams } = new URL(url, 'http://metabase');
    const path = pathname.replace(/^\/api\//, '');
    const id = Number(/^\w+\/(\d+)/.exec(path)?.[1]);
    const asked = `${method} ${path.replace(/\d+/, ':id')}`;
    if (method !== 'GET') this.requests.push(`${method} ${pathname}`);
    const content: unknown = body === '' ? {} : JSON.parse(body);
    const open = await this.#answerAnybody(asked, content);
    if (open !== undefined) return open;
    if (!this.#sessions.has(session)) return [401, 'Unauthenticated'];
    switch (asked) {
      case 'DELETE session':
        this.#sessions.delete(session);
        return [204];
      case 'GET user/current':
        return [200, { id: 1, email: this.#user?.email, is_superuser: true }];
      case 'PUT user/:id/password':
        return check(requests.passwordChange, content, ({ password }) => {
          if (this.#user) this.#user.password = password;
          this.#sessions.clear();
          return [200, { success: true, session_id: this.#begin() }];
        });
      case 'GET database': {
        const data = [...this.#databases.values()].map((one) => withoutPassword(one));
        return [200, { data, total: data.length }];
      }
      case 'POST database':
        return check(requests.database, content, (made) => this.#connect(this.#next(), made));
      case 'PUT database/:id':
        return check(requests.database.partial(), content, (changed) => {
          const before = this.#databases.get(id);
          return before ? this.#connect(id, merge(before, changed)) : NOT_FOUND;
        });
      case 'GET collection':
        return [
          200,
          [
            { id: 'root', name: 'Our analytics' },
            ...[...this.#collections.values()].map((one) => ({ ...one, location: '/' })),
          ],
        ];
      case 'POST collection':
        return check(requests.collection, content, ({ name }) => {
          const made = { id: this.#next(), name };
          this.#collections.set(made.id, made);
          return [200, { ...made, location: '/', archived: false }];
        });
      case 'GET collection/:id/items':
        return [200, this.#items(id, searchParams.getAll('models'))];
      case 'POST card':
        return check(requests.card, content, (made) => this.#keepCard(this.#next(), made));
      case 'PUT card/:id':
        return check(requests.cardChange, content, ({ archived, ...changed }) => {
          const before = this.#cards.get(id);
          if (!before) return NOT_FOUND;
          return this.#keepCard(id, merge(before, changed), archived ?? before.archived);
        });
      case 'GET card/:id': {
        const card = this.#cards.get(id);
        const legacy = searchParams.get('legacy-mbql') === 'true';
        return card ? [200, legacy ? shownCard(card) : withStages(card)] : NOT_FOUND;
      }
      case 'POST card/:id/query':
        return check(requests.query, content, ({ ignore_cache: fresh }) => this.#run(id, fresh));
      case 'POST dashboard':
        return check(requests.dashboard, content, (made) => {
          const kept = { ...made, id: this.#next(), archived: false, dashcards: [] };
          this.#dashboards.set(kept.id, kept);
          return [200, this.#shownDashboard(kept)];
        });
      case 'GET dashboard/:id': {
        const found = this.#dashboards.get(id);
        return found ? [200, this.#shownDashboard(found)] : NOT_FOUND;
      }
      case 'PUT dashboard/:id':
        return check(requests.dashboardChange, content, ({ dashcards, archived }) => {
          const before = this.#dashboards.get(id);
          if (!before) return NOT_FOUND;
          const known = new Set(before.dashcards.map((place) => place.id));
          before.dashcards = (dashcards ?? before.dashcards).map((place) => ({
            ...place,
            id: known.has(place.id) ? place.id : this.#next(),
          }));
          const changed = { ...before, archived: archived ?? before.archived };
          this.#dashboards.set(id, changed);
          return [200, this.#shownDashboard(changed)];
        });
      default:
        return [404, 'API endpoint does not exist.'];
    }
  }

  /** What takes no session. */
  async #answerAnybody(asked: string, content: unknown): Promise<Answer | undefined> {
    switch (asked) {
      case 'GET health':
        return [200, { status: 'ok' }];
      case 'GET session/properties':
        return [
          200,
          {
            'has-user-setup': this.#user !== undefined,
            'setup-token': this.#user === undefined ? this.#setupToken : null,
            version: { tag: 'v0.64.2.2', date: '2026-10-01', hash: '0000000' },
          },
        ];
      case 'POST setup':
        return check(requests.setup, content, ({ token, user }) => {
          if (this.#user) return [403, 'A user currently exists.'];
          if (token !== this.#setupToken) return [400, { errors: { token: 'setup token' } }];
          this.#user = { email: user.email, password: user.password };
          return [200, { id: this.#begin() }];
        });
      case 'POST session':
        return check(requests.session, content, ({ username, password }) =>
          this.#user?.email === username && this.#user.password === password
            ? [200, { id: this.#begin() }]
            : [401, { errors: { password: 'did not match stored password' } }],
        );
      default:
        return undefined;
    }
  }

  #begin(): string {
    const session = randomUUID();
    this.#sessions.add(session);
    return session;
  }

  #next(): number {
    this.#ids += 1;
    return this.#ids;
  }

  /** Metabase keeps no connection that it cannot use. */
  async #connect(id: number, made: Database): Promise<Answer> {
    const refused = await askClickHouse(made, 'SELECT 1').then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (refused !== undefined) return [400, { message: refused, errors: {} }];
    this.#databases.set(id, { ...made, id, archived: false });
    return [200, withoutPassword({ ...made, id })];
  }

  #keepCard(id: number, card: Card, archived = false): Answer {
    if (!this.#databases.has(card.dataset_query.database)) return NOT_FOUND;
    const kept = { ...card, id, archived };
    this.#cards.set(id, kept);
    return [200, withStages(kept)];
  }

  #items(collection: number, models: readonly string[]): object {
    const of = { card: this.#cards, dashboard: this.#dashboards };
    const data = Object.entries(of).flatMap(([model, all]) =>
      [...all.values()]
        .filter((one) => one.collection_id === collection && !one.archived)
        .filter(() => models.length === 0 || models.includes(model))
        .map(({ id, name }) => ({ id, name, model, archived: false })),
    );
    return { data, total: data.length, models, limit: null, offset: null };
  }

  #shownDashboard(dashboard: Kept<Dashboard> & { dashcards: Places }): object {
    const dashcards = dashboard.dashcards.map((place) => {
      const card = this.#cards.get(place.card_id ?? 0);
      return {
        ...UNSET_OF_PLACE,
        ...place,
        dashboard_id: dashboard.id,
        card: card ? withStages(card) : null,
      };
    });
    return { ...UNSET_OF_DASHBOARD, ...dashboard, dashcards };
  }

  async #run(id: number, fresh: boolean): Promise<Answer> {
    const card = this.#cards.get(id);
    const database = card && this.#databases.get(card.dataset_query.database);
    if (!card || !database) return NOT_FOUND;
    const kept = this.#kept.get(id);
    if (kept && this.cache && !fresh) return [202, { ...kept, cached: '2026-11-30T00:00:00Z' }];
    const { query } = card.dataset_query.native;
    try {
      const { data: rows, meta } = await askClickHouse(database, query);
      const cols = meta.map(({ name }) => ({ name, display_name: name, source: 'native' }));
      const data = { rows, cols, native_form: { query, params: null }, rows_truncated: 10_000 };
      const answer = { status: 'completed', row_count: rows.length, data, cached: null };
      this.#kept.set(id, answer);
      return [202, answer];
    } catch (error) {
      return [202, { status: 'failed', error: String(error), data: { rows: [], cols: [] } }];
    }
  }
}

/** What was there, with what is said of it. */
const merge = <Thing extends object>(before: Thing, changed: object): Thing => ({
  ...before,
  ...Object.fromEntries(Object.entries(changed).filter(([, value]) => value != null)),
});

function check<Schema extends z.ZodType>(
  schema: Schema,
  content: unknown,
  accept: (content: z.infer<Schema>) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return accept(parsed.data);
  const errors = parsed.error.issues.map(({ path, message }) => [
    path.join('.') || 'body',
    message,
  ]);
  return [400, { errors: Object.fromEntries(errors) as object }];
}
