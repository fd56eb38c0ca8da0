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
import { tlsAgent } from './node-tls.ts';

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
   * what a node may never answer; the query may go on there. `settings` are for this query alone.
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
}

const REQUEST_TIMEOUT_MS = 60_000;
const MOST_CONNECTIONS = 8;
/** What the client says when a request took longer than it may. */
const CLIENT_TIMED_OUT = 'Timeout error.';

/** A client with connections of its own. */
export interface ConnectedNode extends NodeClient {
  /** What the server answers to a statement, in the format that it chooses. @throws QueryError */
  text(sql: string): Promise<string>;
  /** The name that the server gives itself, from a header: old versions have no function for it. @throws QueryError */
  displayName(signal?: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/**
 * A client for one node under one account, with settings for all that it asks; close it after use. This
 * is the one place that decides how a node is reached.
 */
export function connectNode(
  node: ClickHouseNode,
  account: Account,
  requestTimeoutMs: number = REQUEST_TIMEOUT_MS,
  settings: ClickHouseSettings = {},
): ConnectedNode {
  const client = createClient({
    url: `${node.tls ? 'https' : 'http'}://${urlHost(node.host)}:${node.httpPort}`,
    ...(node.tls && { http_agent: tlsAgent(node.tls, MOST_CONNECTIONS) }),
    username: account.user,
    password: account.password,
    request_timeout: requestTimeoutMs,
    clickhouse_settings: settings,
    max_open_connections: MOST_CONNECTIONS,
    log: { level: ClickHouseLogLevel.OFF },
  });
  return {
    node,
    async query(sql, row, withinMs, own = {}) {
      const limit = withinMs === undefined ? undefined : AbortSignal.timeout(withinMs);
      const waited = withinMs ?? requestTimeoutMs;
      const rows = await attempt(
        node,
        sql,
        waited,
        () => selectRows(client, sql, own, limit),
        limit,
      );
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
      await attempt(node, sql, requestTimeoutMs, () => client.command({ query: sql }));
    },
    async text(sql) {
      return attempt(node, sql, requestTimeoutMs, async () =>
        text((await client.exec({ query: sql })).stream),
      );
    },
    async displayName(signal) {
      const sql = 'SELECT 1';
      return attempt(node, sql, requestTimeoutMs, async () => {
        const result = await client.query({
          query: sql,
          ...(signal && { abort_signal: signal }),
        });
        await result.text();
        return String(result.response_headers['x-clickhouse-server-display-name']);
      });
    },
    close: () => client.close(),
  };
}

async function selectRows(
  client: ClickHouseClient,
  query: string,
  settings: ClickHouseSettings,
  limit: AbortSignal | undefined,
): Promise<unknown[]> {
  const result = await client.query({
    ...{ query, format: 'JSONEachRow', clickhouse_settings: settings },
    ...(limit && { abort_signal: limit }),
  });
  return result.json();
}

async function attempt<T>(
  { name, host, httpPort }: ClickHouseNode,
  sql: string,
  waitedMs: number,
  action: () => Promise<T>,
  limit?: AbortSignal,
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const place = `${name} (${host}:${httpPort})`;
    const said = errorWords(cause);
    if (limit?.aborted || said === CLIENT_TIMED_OUT) {
      const words = `${place}: no answer within ${waitedMs / 1000} s\nin: ${sql}`;
      throw new NoAnswerError(words, undefined, { cause });
    }
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : codeIn(said);
    throw new QueryError(`${place}: ${said}\nin: ${sql}`, code, { cause });
  }
}

/** An address of IP version 6 stands in brackets in a URL (RFC 3986, section 3.2.2). */
const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The code in the words of old servers, which the client does not take apart. */
const codeIn = (said: string): string | undefined => /^Code: (\d+)/.exec(said)?.[1];
