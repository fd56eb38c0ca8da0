import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { MetabaseState } from './metabase-state.ts';

/** A stand-in of Metabase that refuses what Metabase refuses, and asks ClickHouse for the rows. */
export interface MetabaseStandIn extends AsyncDisposable {
  readonly url: string;
  /** The requests that changed or asked something, the oldest first, as `POST /api/card`. */
  readonly requests: string[];
  /** Whether answers to questions are kept, as Metabase does where its administrator has said so. */
  cache: boolean;
}

export interface StandInOptions {
  readonly host?: string;
  readonly port?: number;
}

/** Starts one that has no user yet. */
export async function startMetabase({
  host = '127.0.0.1',
  port = 0,
}: StandInOptions = {}): Promise<MetabaseStandIn> {
  const state = new MetabaseState();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = '', url = '' } = request;
    const session = String(request.headers['x-metabase-session'] ?? '');
    const [status, said] = await state.answer(method, url, body, session);
    // Metabase's sentences are no JSON.
    const sentence = typeof said === 'string';
    response.writeHead(status, {
      'content-type': sentence ? 'text/plain' : 'application/json',
      connection: 'close',
    });
    response.end(said === undefined || sentence ? said : JSON.stringify(said));
  }).listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests: state.requests,
    get cache() {
      return state.cache;
    },
    set cache(kept) {
      state.cache = kept;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
