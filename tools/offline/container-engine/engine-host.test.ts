import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { whyUnreachable } from './engine-host.ts';

const engine: RequestListener = (request, response) =>
  response.writeHead(request.url === '/_ping' ? 200 : 404).end('OK');

/** Lets the listener answer at a socket or a port of its own; gives the address. */
async function served(listener: RequestListener, kind: 'unix' | 'tcp'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-host-'));
  const socket = join(folder, 'engine.sock');
  const server = createServer(listener);
  if (kind === 'unix') server.listen(socket);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true });
  });
  if (kind === 'unix') return `unix://${socket}`;
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each(['unix', 'tcp'] as const)('finds nothing wrong with an engine at %s', async (kind) => {
  expect(await whyUnreachable(await served(engine, kind), 5_000)).toBeUndefined();
});

it('says that nothing answers', async () => {
  expect(await whyUnreachable('unix:///nowhere/engine.sock', 5_000)).toBe(
    'nothing answers at unix:///nowhere/engine.sock (ENOENT)',
  );
});

it('says that an engine refuses', async () => {
  const host = await served((_, response) => response.writeHead(503).end(), 'unix');
  expect(await whyUnreachable(host, 5_000)).toBe(`${host} answers with status 503`);
});

it('says that an engine hangs', async () => {
  const host = await served(() => undefined, 'unix');
  expect(await whyUnreachable(host, 50)).toBe(`${host} does not answer within 50 ms`);
});

it.each(['ssh://somewhere', 'https://127.0.0.1:2376', 'unix:', 'docker.sock', 'tcp://'])(
  'says that it cannot ask at %s',
  async (host) => {
    expect(await whyUnreachable(host, 5_000)).toContain(`${host} is neither unix:///path nor tcp:`);
  },
);
