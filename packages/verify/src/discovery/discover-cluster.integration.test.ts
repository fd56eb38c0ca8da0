import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { discoverCluster, DiscoveryError } from './discover-cluster.ts';

const answering = (listener: RequestListener): Server => createHttpServer(listener);
const speaking = (speak: (socket: Socket) => void): Server =>
  createServer((socket) => {
    socket.on('error', () => undefined);
    speak(socket);
  });

/** Begins an answer and never ends it. */
function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  const timer = setInterval(() => socket.write('1\r\nx\r\n'), 200);
  socket.on('close', () => clearInterval(timer));
}

const OTHER = /not as ClickHouse does/;
const LATE = /no answer within 5 s/;

test.concurrent.each([
  ['a web server', answering((_, to) => to.end('<html>Welcome</html>')), OTHER],
  ['a page that is not there', answering((_, to) => to.writeHead(404).end('nginx')), OTHER],
  ['a redirection', answering((_, to) => to.writeHead(302, { location: '/x' }).end()), OTHER],
  ['another program', answering((_, to) => to.end('{"data":[]}')), OTHER],
  ['another protocol', speaking((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')), OTHER],
  ['a host that takes connections alone', speaking(() => undefined), LATE],
  ['a host that never ends its answer', speaking(drip), LATE],
])('%s is said to be none, in time', { timeout: 8_000 }, async (_, server, said) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const discovery = discoverCluster({
    addresses: [{ host: '127.0.0.1', port, secure: false }],
    account: { user: 'auditor', password: 'hidden' },
    map: new Map(),
  });
  const refusal: unknown = await discovery.catch((error: unknown) => error);
  server.close();
  expect(refusal).toBeInstanceOf(DiscoveryError);
  expect(String(refusal)).toMatch(said);
  expect(String(refusal)).not.toContain('hidden');
});
