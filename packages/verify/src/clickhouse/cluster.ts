import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
} from '@clickhouse/client';
import type { ClickHouseNode, Deployment } from '@provehouse/infra';
import { z } from 'zod';
import { ProvehouseError } from '@provehouse/secrets';
import { errorWords } from './error-words.ts';

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
  /** Aborted with a SilentNodeError as soon as the node is known not to answer, if it is watched. */
  readonly silence?: AbortSignal;
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

/** A client for each node of a cluster. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly NodeClient[];
  /** @throws RangeError when the cluster has no such node */
  node(name: string): NodeClient;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

const REQUEST_TIMEOUT_MS = 60_000;
/** What the client says when a request took longer than it may. */
const CLIENT_TIMED_OUT = 'Timeout error.';

/** A client for one node under one account, with settings for all that it asks; close it after use. */
export function connectNode(
  node: ClickHouseNode,
  account: Account,
  requestTimeoutMs: number = REQUEST_TIMEOUT_MS,
  settings: ClickHouseSettings = {},
): NodeClient & { close(): Promise<void> } {
  const client = createClient({
    url: `http://${urlHost(node.host)}:${node.httpPort}`,
    username: account.user,
    password: account.password,
    request_timeout: requestTimeoutMs,
    clickhouse_settings: settings,
    max_open_connections: 8,
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

/** A name as an identifier of ClickHouse's SQL, whatever characters it has. */
export const quoteName = (name: string): string =>
  `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

/** A text as a string literal of ClickHouse's SQL. */
export const quoteText = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** `database`.`table`, quoted. */
export const tableName = ({ clickhouse }: Deployment, table: string): string =>
  `${quoteName(clickhouse.database)}.${quoteName(table)}`;
