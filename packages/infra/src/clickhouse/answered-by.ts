import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Who answered a query, before anything of the answer is read. */
export interface Answered {
  /** The name that the server gives itself; none where something else answered. */
  readonly name: string | undefined;
  /** Whether the connection had served another query before. */
  readonly reused: boolean;
}

const awaited = new Map<string, (answered: Answered) => void>();

// https://nodejs.org/api/diagnostics_channel.html#event-httpclientresponsefinish
subscribe('http.client.response.finish', (message) => {
  if (awaited.size === 0) return;
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  const [, id = ''] = /[?&]query_id=([^&]+)/.exec(request.path) ?? [];
  const name = response.headers['x-clickhouse-server-display-name'];
  awaited.get(id)?.({
    name: typeof name === 'string' ? name : undefined,
    reused: request.reusedSocket,
  });
});

/** Calls `heard` when the query of this id is answered, also with an error, while `send` runs. */
export async function answeredBy<Value>(
  queryId: string,
  heard: (answered: Answered) => void,
  send: () => Promise<Value>,
): Promise<Value> {
  awaited.set(queryId, heard);
  try {
    return await send();
  } finally {
    awaited.delete(queryId);
  }
}
