import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A message that somebody sent. */
export interface ReceivedMessage {
  readonly path: string | undefined;
  readonly body: unknown;
}

/** A server on loopback until the test ends, that answers in one way; gives what it got. */
export async function startReceiver(answer: {
  readonly status: number;
  readonly body?: object;
}): Promise<{ readonly address: string; readonly got: ReceivedMessage[] }> {
  const got: ReceivedMessage[] = [];
  const server = createServer(async (request, response) => {
    got.push({ path: request.url, body: await json(request) });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, got };
}
