import { setTimeout } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { ProvehouseError } from '@provehouse/secrets';
import pLimit from 'p-limit';
import { answeredBy, type Answered } from './answered-by.ts';
import { newQueryId, type NodeRoute, type Send } from './node-route.ts';

/** How many queries a node is asked at a time: each needs a connection that has to be found. */
const AT_A_TIME = 2;
/** After so many answers of others the node is taken for absent; of 20 nodes one is missed in 10⁻⁴ of cases. */
const MOST_TRIES = 200;
/** What stands in front of nodes may fail for a moment, as when it has not yet seen that one is down. */
const MOST_FAILURES = 5;
/** Searches side by side must not stay in step with a balancer that takes nodes in turn. */
const LONGEST_PAUSE_MS = 20;
/** A connection that was idle for longer may be closed, and another one would be another node's. */
const FRESH_MS = 2_000;
const GREET_WITHIN_MS = 5_000;

/** Thrown when a node is not found at an address behind which it was looked for. */
export class NodeNotFoundError extends ProvehouseError {
  override readonly name = 'NodeNotFoundError';
}

interface Lane {
  readonly client: ClickHouseClient;
  /** When the node last answered on it. */
  readonly answeredAt: number;
}

/**
 * The way to one of several nodes at an address, as behind a load balancer: by trying connections until
 * one is the node's, which is known by the name in its answers. Connections are kept. Every answer is
 * looked at: of a balancer that passes on each request to another node, those of others are dropped and
 * the query is sent again, so that it must be one that changes nothing.
 * @param name the name that the node gives itself
 * @param connect a client with one connection of its own
 */
export function balancedRoute(name: string, connect: () => ClickHouseClient): NodeRoute {
  const limit = pLimit(AT_A_TIME);
  const idle: Lane[] = [];
  const all = new Set<ClickHouseClient>();
  /** Whether the balancer chooses a node for each request, and not for each connection. */
  let byRequest = false;
  let closed = false;

  const drop = (client: ClickHouseClient): void => {
    all.delete(client);
    void client.close();
  };
  const keep = ({ client }: Lane): void => {
    idle.push({ client, answeredAt: performance.now() });
  };
  const open = (): Lane => {
    const client = connect();
    all.add(client);
    return { client, answeredAt: Number.NEGATIVE_INFINITY };
  };

  async function search<Value>(send: Send<Value>, signal: AbortSignal | undefined): Promise<Value> {
    const others = new Set<string>();
    let failures = 0;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      signal?.throwIfAborted();
      if (closed) throw new NodeNotFoundError(`${name} is not asked any more`);
      const lane = idle.pop() ?? open();
      const fresh = byRequest || performance.now() - lane.answeredAt < FRESH_MS;
      let seen: Observed<unknown> | undefined = fresh
        ? undefined
        : await observe(lane.client, greet);
      if (seen === undefined || seen.answered?.name === name) {
        const asked = await observe(lane.client, send);
        if (asked.answered?.name === name) {
          keep(lane);
          return valueOf(asked.outcome);
        }
        if (asked.answered?.name === undefined) {
          drop(lane.client);
          return withoutName(asked.outcome);
        }
        seen = asked;
      }
      const { answered, outcome } = seen;
      if (byRequest) keep(lane);
      else drop(lane.client);
      if (answered?.name === undefined) {
        failures += 1;
        if (failures === MOST_FAILURES) return withoutName(outcome);
      } else {
        byRequest ||= answered.reused;
        others.add(answered.name);
      }
      await setTimeout(Math.random() * LONGEST_PAUSE_MS);
    }
    throw new NodeNotFoundError(
      `${name} is not found there: ${MOST_TRIES} answers came from ${[...others].sort().join(', ')}`,
    );
  }

  return {
    whenFree: (act) => limit(act),
    run: search,
    sure: false,
    async close() {
      closed = true;
      await Promise.all([...all].map((client) => client.close()));
    },
  };
}

interface Observed<Value> {
  readonly answered: Answered | undefined;
  readonly outcome: PromiseSettledResult<Value>;
}

async function observe<Value>(
  client: ClickHouseClient,
  send: Send<Value>,
): Promise<Observed<Value>> {
  const queryId = newQueryId();
  let answered: Answered | undefined;
  const [outcome] = await Promise.allSettled([
    answeredBy(
      queryId,
      (by) => {
        answered = by;
      },
      () => send(client, queryId),
    ),
  ]);
  return { answered, outcome };
}

/** Whatever comes back: it is who answers that is asked. */
async function greet(client: ClickHouseClient, queryId: string): Promise<void> {
  const limit = AbortSignal.timeout(GREET_WITHIN_MS);
  const result = await client.query({
    ...{ query: 'SELECT 1', query_id: queryId, abort_signal: limit },
  });
  await result.text();
}

function valueOf<Value>(outcome: PromiseSettledResult<Value>): Value {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** @throws what was thrown, and NodeNotFoundError where something answered that has no name */
function withoutName(outcome: PromiseSettledResult<unknown>): never {
  valueOf(outcome);
  throw new NodeNotFoundError(
    'answers there do not say which node gave them (X-ClickHouse-Server-Display-Name): what stands before the nodes must pass it on',
  );
}
