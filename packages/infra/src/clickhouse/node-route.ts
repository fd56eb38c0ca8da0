import { randomUUID } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';

/** Sends a query under an id to the node that a client is connected to. */
export type Send<Value> = (client: ClickHouseClient, queryId: string) => Promise<Value>;

/** The way to a node. */
export interface NodeRoute {
  /** Does something as soon as a query may be sent: what waits until then is no time of the node's. */
  whenFree<Value>(act: () => Promise<Value>): Promise<Value>;
  /** Sends a query to the node; `signal` ends what is tried until then. */
  run<Value>(send: Send<Value>, signal?: AbortSignal): Promise<Value>;
  /** Whether what is sent arrives at this node and no other, so that statements may be sent. */
  readonly sure: boolean;
  close(): Promise<void>;
}

/** The ids of this program's queries, by which people find them. */
export const newQueryId = (): string => `provehouse-${randomUUID()}`;

/** The way to a node that has an address of its own. */
export const directRoute = (client: ClickHouseClient): NodeRoute => ({
  whenFree: (act) => act(),
  run: (send) => send(client, newQueryId()),
  sure: true,
  close: () => client.close(),
});
