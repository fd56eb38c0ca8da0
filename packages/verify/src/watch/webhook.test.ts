import { expect, test } from 'vitest';
import { startReceiver } from '../../test/receiver.ts';
import { sendMessage, webhookAddress, WebhookError } from './webhook.ts';

const SECRET = 'T000-B000-secret';

test('a message arrives as text', async () => {
  const { address, got } = await startReceiver({ status: 200 });
  await sendMessage(`${address}/${SECRET}`, 'dwh is failed.');
  expect(got).toEqual([{ path: `/${SECRET}`, body: { text: 'dwh is failed.' } }]);
});

test('one that is not taken is an error, which does not hold the address', async () => {
  const { address } = await startReceiver({ status: 403 });
  const refused = sendMessage(`${address}/${SECRET}`, 'hello');
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
