import { text } from 'node:stream/consumers';
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import { ProvehouseError } from '@provehouse/secrets';
import { z } from 'zod';
import type { ClickHouseNode } from '../state/deployment.ts';
import { errorWords } from './error-words.ts';
import { balancedRoute } from './balanced-route.ts';
import { agentOf, placeOf, urlOf } from './node-address.ts';
import { quoteText } from './quote.ts';
import { directRoute, type NodeRoute, type Send } from './node-route.ts';

/** Thrown when a node does not answer a query as expected; never holds a password. */
export class QueryError extends ProvehouseError {
  override readonly name = 'QueryError';
  /** ClickHouse's error code, such as `516` for a failed login, if the node answered at all. */
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown when a node has not answered a query within the time that it was given. */
export class NoAnswerError extends QueryError {}

/** One node, asked directly. */
export interface NodeClient {
  readonly node: ClickHouseNode;
  /**
   * The rows of a SELECT, each parsed. Counts arrive as numbers or as text, by ClickHouse's version:
   * coerce them. Ask for other 64-bit numbers with `toString`, or digits are lost. `withinMs` is for
   * what a node may never answer; the query is killed there, if the node can be asked to. `settings`
   * are for this query alone.
   * @throws QueryError, of which NoAnswerError after `withinMs`
   */
  query<Row extends z.ZodType>(
    sql: string,
    row: Row,
    withinMs?: number,
    settings?: ClickHouseSettings,
  ): Promise<z.infer<Row>[]>;
  /** Runs a statement that gives no rows. @throws QueryError */
  command(sql: string): Promise<void>;
}

/** Who asks. */
export interface Account {
  readonly user: string;
  readonly password: string;
  /** A bearer token (JWT), which is shown instead of user and password. */
  readonly token?: string;
}

const REQUEST_TIMEOUT_MS = 60_000;
const MOST_CONNECTIONS = 8;
/** What the client says when a request took longer than it may. */
const CLIENT_TIMED_OUT = 'Timeout error.';

/** A client with connections of its own. */
export interface ConnectedNode extends NodeClient {
  /** What the server answers to a statement, in the format that it chooses. @throws QueryError */
  text(sql: string): Promise<string>;
  /**
   * The name that the server gives itself, from a header: old versions have no function for it. None
   * where something in between leaves the header out. @throws QueryError
   */
  displayName(signal?: AbortSignal): Promise<string | undefined>;
  /** Ends what is still running, on the node as well. */
  close(): Promise<void>;
}

/**
 * A client for one node under one account, with settings for all that it asks; close it after use. This
 * is the one place that decides how a node is reached.
 * @throws TlsFileError, ProxyError
 */
export function connectNode(
  node: ClickHouseNode,
  account: Account,
  requestTimeoutMs: number = REQUEST_TIMEOUT_MS,
  settings: ClickHouseSettings = {},
): ConnectedNode {
  const open = (): NodeRoute => routeTo(node, account, requestTimeoutMs, settings);
  const route = open();
  const running = new Set<string>();
  let closed = false;

  /** A query, which is killed on the node when it is not waited for any longer. */
  async function ask<Value>(
    sql: string,
    send: Send<Value>,
    withinMs: number | undefined,
    limit: AbortSignal | undefined,
  ): Promise<Value> {
    if (closed) throw new QueryError(`${placeOf(node)}: not asked any more\nin: ${sql}`, undefined);
    const ids: string[] = [];
    const sent: Send<Value> = async (client, queryId) => {
      ids.push(queryId);
      running.add(queryId);
      try {
        return await send(client, queryId);
      } finally {
        running.delete(queryId);
      }
    };
    try {
      const waited = withinMs ?? requestTimeoutMs;
      return await attempt(node, sql, waited, () => route.run(sent, limit), limit);
    } catch (error) {
      if (error instanceof NoAnswerError) void killQueries(open, ids.slice(-1));
      throw error;
    }
  }

  return {
    node,
    async query(sql, row, withinMs, own = {}) {
      const limit = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs);
      const rows = await ask(sql, selecting(sql, own, limit), withinMs, limit);
      const parsed = z.array(row).safeParse(rows);
      if (!parsed.success) {
        throw new QueryError(
          `${node.name} answered ${sql} in another form than expected:\n${z.prettifyError(parsed.error)}`,
          undefined,
          { cause: parsed.error },
        );
      }
      return parsed.data;
    },
    async command(sql) {
      if (!route.sure) throw new QueryError(`${placeOf(node)}: ${ONLY_QUESTIONS}`, undefined);
      const send: Send<unknown> = (client) => client.command({ query: sql });
      await attempt(node, sql, requestTimeoutMs, () => route.run(send));
    },
    async text(sql) {
      if (!route.sure) throw new QueryError(`${placeOf(node)}: ${ONLY_QUESTIONS}`, undefined);
      return attempt(node, sql, requestTimeoutMs, () =>
        route.run(async (client) => text((await client.exec({ query: sql })).stream)),
      );
    },
    async displayName(signal) {
      const sql = 'SELECT 1';
      const send: Send<string | undefined> = async (client) => {
        const result = await client.query({
          query: sql,
          ...(signal && { abort_signal: signal }),
        });
        await result.text();
        const name = result.response_headers['x-clickhouse-server-display-name'];
        return name === undefined ? undefined : String(name);
      };
      return attempt(node, sql, requestTimeoutMs, () => route.run(send, signal), signal);
    },
    async close() {
      closed = true;
      const ids = [...running];
      await route.close();
      await killQueries(open, ids);
    },
  };
}

/** What is said where a statement would be sent to whichever node a balancer chooses. */
const ONLY_QUESTIONS = 'only questions are sent through a load balancer';

/** The way to a node: straight, or by telling those apart that share an address. */
function routeTo(
  node: ClickHouseNode,
  account: Account,
  requestTimeoutMs: number,
  settings: ClickHouseSettings,
): NodeRoute {
  const connect = (connections: number): ClickHouseClient => {
    const agent = agentOf(node, connections);
    return createClient({
      url: urlOf(node),
      ...(node.path !== undefined && { pathname: node.path }),
      ...(agent && { http_agent: agent }),
      ...(account.token === undefined
        ? { username: account.user, password: account.password }
        : { access_token: account.token }),
      request_timeout: requestTimeoutMs,
      clickhouse_settings: settings,
      max_open_connections: connections,
      log: { level: ClickHouseLogLevel.OFF },
    });
  };
  return node.answersAs === undefined
    ? directRoute(connect(MOST_CONNECTIONS))
    : balancedRoute(node.answersAs, () => connect(1));
}

const KILL_WITHIN_MS = 2_000;

/**
 * Kills queries of one's own on their node, over a connection of its own, as far as it answers and the
 * account may: https://clickhouse.com/docs/sql-reference/statements/kill#kill-query
 */
async function killQueries(open: () => NodeRoute, queryIds: readonly string[]): Promise<void> {
  if (queryIds.length === 0) return;
  const limit = AbortSignal.timeout(KILL_WITHIN_MS);
  const query = `KILL QUERY WHERE query_id IN (${queryIds.map(quoteText).join(', ')}) ASYNC`;
  const route = open();
  try {
    await route.run((client) => client.command({ query, abort_signal: limit }), limit);
  } catch {
    // A node that does not answer cannot be asked; there the query ends with its own limits.
  } finally {
    await route.close();
  }
}

/** How the rows of a SELECT are asked for. */
const selecting =
  (query: string, settings: ClickHouseSettings, limit: AbortSignal | undefined): Send<unknown[]> =>
  async (client, queryId) => {
    const result = await client.query({
      ...{ query, format: 'JSONEachRow', clickhouse_settings: settings, query_id: queryId },
      ...(limit && { abort_signal: limit }),
    });
    return result.json();
  };

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

async function attempt<T>(
  node: ClickHouseNode,
  sql: string,
  waitedMs: number,
  action: () => Promise<T>,
  limit?: AbortSignal,
): Promise<T> {
  try {
    // The client no longer looks at the signal once an answer has begun.
    return await (limit === undefined ? action() : Promise.race([action(), abortOf(limit)]));
  } catch (cause) {
    const place = placeOf(node);
    const said = errorWords(cause);
    if (limit?.aborted || said === CLIENT_TIMED_OUT) {
      const words = `${place}: no answer within ${waitedMs / 1000} s\nin: ${sql}`;
      throw new NoAnswerError(words, undefined, { cause });
    }
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : codeIn(said);
    throw new QueryError(`${place}: ${said}\nin: ${sql}`, code, { cause });
  }
}

/** The code in the words of old servers, which the client does not take apart. */
const codeIn = (said: string): string | undefined => /^Code: (\d+)/.exec(said)?.[1];
