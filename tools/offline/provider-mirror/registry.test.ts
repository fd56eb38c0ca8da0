import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { registryAnswers } from './registry.ts';

/** Address of a server on loopback that ends with the test. */
async function served(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/discovery`);
}

const says =
  (status: number, text: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(text);

it('is so when a document says where the providers are', async () => {
  const address = await served(says(200, '{"providers.v1":"/v1/providers/"}'));
  expect(await registryAnswers(address, {}, 5_000)).toBe(true);
});

it.each([
  ['a page that asks for a login', says(200, '<html>Log in</html>')],
  ['a document without providers', says(200, '{"modules.v1":"/v1/modules/"}')],
  ['a refusal', says(403, '{"providers.v1":"/v1/providers/"}')],
  ['a connection that breaks', (_, response) => response.destroy()],
] satisfies [string, RequestListener][])('is not so for %s', async (_, listener) => {
  expect(await registryAnswers(await served(listener), {}, 5_000)).toBe(false);
});

it('is not so when nothing is said in time', async () => {
  const address = await served(() => undefined);
  expect(await registryAnswers(address, {}, 50)).toBe(false);
});

it('is not so when the answer stops in the middle', async () => {
  const address = await served((_, response) => response.writeHead(200).write('{"providers.v1":'));
  expect(await registryAnswers(address, {}, 200)).toBe(false);
});

it("is asked through the environment's proxy", async () => {
  const proxy = await served((request, response) => {
    const asked = request.url === 'http://registry.example/discovery';
    response.writeHead(asked ? 200 : 404).end('{"providers.v1":"/v1/providers/"}');
  });
  const address = new URL('http://registry.example/discovery');
  const environment = { HTTP_PROXY: proxy.origin, http_proxy: proxy.origin };
  expect(await registryAnswers(address, environment, 5_000)).toBe(true);
});
