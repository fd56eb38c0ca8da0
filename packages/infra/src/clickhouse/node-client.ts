import { text } from 'node:stream/consumers';
import type { ClickHouseSettings } from '@clickhouse/client';
import { z } from 'zod';
import type { ClickHouseNode } from '../state/deployment.ts';
import { killQueries } from './kill-queries.ts';
import { placeOf } from './node-address.ts';
import type { NodeRoute, Send } from './node-route.ts';
import { attempt, NoAnswerError, QueryError } from './query-error.ts';
import { keepTime, timed } from './request-time.ts';
import { routeTo, type Account } from './route-to-node.ts';

/** One node, asked directly. */
export interface NodeClient {
  readonly node: ClickHouseNode;
  /**
   * The rows of a SELECT, each parsed. Counts arrive as numbers or as text, by ClickHouse's version:
   * coerce them. Ask for other 64-bit numbers with `toString`, or digits are lost. `withinMs` is for
   * what a node may never answer, and four times as long where it is looked for behind a balancer; the query
   * is killed there, if the node can be asked to. `settings` are for this query alone.
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

const REQUEST_TIMEOUT_MS = 60_000;

/** Behind a balancer a question is answered by other nodes first, each in a time of its own. */
const TIMES_AS_LONG_BEHIND_BALANCER = 4;

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
      const patienceMs =
        withinMs === undefined || route.sure ? withinMs : withinMs * TIMES_AS_LONG_BEHIND_BALANCER;
      const rows = await route.whenFree(() => {
        const limit = patienceMs === undefined ? undefined : AbortSignal.timeout(patienceMs);
        return ask(sql, selecting(sql, own, limit), patienceMs, limit);
      });
      const parsed = z.array(row).safeParse(rows);
      if (!parsed.success) {
        throw new QueryError(
          `${node.name} answered ${sql} in another form than expected:\n${z.prettifyError(parsed.error)}`,
          undefined,
          { cause: parsed.error },
        );
      }
      return keepTime(rows, parsed.data);
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
      const send: Send<string | undefined> = async (client, queryId) => {
        const result = await client.query({
          ...{ query: sql, query_id: queryId },
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

/** How the rows of a SELECT are asked for. */
const selecting =
  (query: string, settings: ClickHouseSettings, limit: AbortSignal | undefined): Send<unknown[]> =>
  (client, queryId) =>
    timed(async () => {
      const result = await client.query({
        ...{ query, format: 'JSONEachRow', clickhouse_settings: settings, query_id: queryId },
        ...(limit && { abort_signal: limit }),
      });
      return result.json();
    });
