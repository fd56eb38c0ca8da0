import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A stand-in of Telegram's Bot API on loopback, with what bots have sent. */
export interface TelegramStandIn extends AsyncDisposable {
  /** What the secrets of a platform name, so that alerts go to it. */
  readonly secrets: {
    readonly telegram_bot_token: string;
    readonly telegram_chat_id: string;
    readonly telegram_api_url: string;
  };
  /** The texts of the messages to that chat by that bot, the oldest first. */
  readonly texts: readonly string[];
  /** Says of every message from now on that it is refused, or that it is taken. */
  refuse(refused: boolean): void;
}

const TOKEN = '123456:a-token-that-nobody-may-see';
const CHAT = '-1001';

/** Starts one. */
export async function startTelegram(): Promise<TelegramStandIn> {
  const texts: string[] = [];
  let refused = false;
  const server = createServer(async (request, response) => {
    const { chat_id: chat, text } = (await json(request)) as Record<string, unknown>;
    const taken = !refused && request.url === `/bot${TOKEN}/sendMessage` && chat === CHAT;
    if (taken) texts.push(String(text));
    response.writeHead(taken ? 200 : 400, { 'content-type': 'application/json' });
    const message = { message_id: 1, date: 1, chat: { id: Number(CHAT), type: 'group' } };
    response.end(
      JSON.stringify(
        taken
          ? { ok: true, result: message }
          : { ok: false, error_code: 400, description: 'Bad Request: chat not found' },
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    secrets: {
      ...{ telegram_bot_token: TOKEN, telegram_chat_id: CHAT },
      telegram_api_url: `http://127.0.0.1:${port}`,
    },
    texts,
    refuse(now) {
      refused = now;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
