import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startReceiver } from '../../test/receiver.ts';
import { sendTelegram, TelegramError, telegramToken } from './telegram.ts';

const TOKEN = '123456:a-token-that-nobody-may-see';

/** What sending a message throws. */
const refusalOf = (sending: Promise<void>): Promise<unknown> =>
  sending.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a message arrives in the chat, by the bot that the token is of', async () => {
  const { address, got } = await startReceiver({ status: 200, body: { ok: true } });
  await sendTelegram({ chat: '-1001', token: TOKEN, api: address }, 'dwh is failed.');
  expect(got).toEqual([
    {
      path: `/bot${TOKEN}/sendMessage`,
      body: expect.objectContaining({ chat_id: '-1001', text: 'dwh is failed.' }),
    },
  ]);
});

test('one that is too long is cut', async () => {
  const { address, got } = await startReceiver({ status: 200, body: { ok: true } });
  await sendTelegram({ chat: '1', token: TOKEN, api: address }, 'x'.repeat(5000));
  const [{ body } = { body: {} }] = got;
  expect(body).toMatchObject({ text: `${'x'.repeat(4095)}…` });
});

test('one that is not taken is an error with what was said of it, and nowhere the token', async () => {
  const description = 'Bad Request: chat not found';
  const { address } = await startReceiver({ status: 400, body: { ok: false, description } });
  const refused = await refusalOf(sendTelegram({ chat: '1', token: TOKEN, api: address }, 'hello'));
  const away = await refusalOf(
    sendTelegram({ chat: '1', token: TOKEN, api: 'http://127.0.0.1:1' }, 'hello'),
  );
  expect(refused).toBeInstanceOf(TelegramError);
  expect(String(refused)).toContain(`did not take the message (${description})`);
  expect(String(away)).toContain('(ECONNREFUSED)');
  for (const error of [refused, away]) {
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(TOKEN);
  }
});

test('the token comes from a file, from the secrets of a platform, or from the environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, `${TOKEN}\n`);
  expect(await telegramToken(file, {})).toBe(TOKEN);
  await writeFile(file, `super_user_name='su'\ntelegram_bot_token='${TOKEN}'\n`);
  expect(await telegramToken(file, {})).toBe(TOKEN);
  expect(await telegramToken(undefined, { PROVEHOUSE_TELEGRAM_TOKEN: TOKEN })).toBe(TOKEN);
});

test('without a token there is an error that says where it goes, and does not show what was found', async () => {
  await expect(telegramToken(undefined, {})).rejects.toThrow(
    /in PROVEHOUSE_TELEGRAM_TOKEN, found nothing.*--telegram-token-file/,
  );
  await expect(telegramToken('/nowhere', {})).rejects.toThrow(/\/nowhere.*ENOENT/);
  const wrong = telegramToken(undefined, { PROVEHOUSE_TELEGRAM_TOKEN: 'half-a-token' });
  await expect(wrong).rejects.toThrow(/found something else/);
  await expect(wrong).rejects.not.toThrow(/half-a-token/);
});
