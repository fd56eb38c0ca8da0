import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { sendMessage, webhookAddress, WebhookError } from './webhook.ts';

const SECRET = 'T000-B000-secret';

/** A webhook that answers with a status; gives its address and what it got. */
async function startWebhook(status: number): Promise<{ address: string; got: string[] }> {
  const got: string[] = [];
  const server = createServer(async (request, response) => {
    got.push(await text(request));
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}/${SECRET}`, got };
}

test('a message arrives as text', async () => {
  const { address, got } = await startWebhook(200);
  await sendMessage(address, 'dwh is failed.');
  expect(got).toEqual(['{"text":"dwh is failed."}']);
});

test('one that is not taken is an error, which does not hold the address', async () => {
  const { address } = await startWebhook(403);
  const refused = sendMessage(address, 'hello');
  await expect(refused).rejects.toThrow(WebhookError);
  await expect(refused).rejects.toThrow(/403/);
  await expect(refused).rejects.not.toThrow(SECRET);
  await expect(sendMessage(`http://127.0.0.1:1/${SECRET}`, 'hello')).rejects.toThrow(
    /^The webhook did not take the message \(ECONNREFUSED\)\.$/,
  );
});

test('the address comes from a file or the environment, or there is none', async () => {
  const address = 'https://hooks.example/services/1';
  expect(await webhookAddress(undefined, { PROVEHOUSE_WEBHOOK: `${address}\n` })).toBe(address);
  expect(await webhookAddress(undefined, {})).toBeUndefined();
  await expect(webhookAddress('/nowhere', {})).rejects.toThrow(/\/nowhere.*ENOENT/);
  const wrong = webhookAddress(undefined, { PROVEHOUSE_WEBHOOK: SECRET });
  await expect(wrong).rejects.toThrow(/Expected the address of a webhook in PROVEHOUSE_WEBHOOK/);
  await expect(wrong).rejects.not.toThrow(SECRET);
});
