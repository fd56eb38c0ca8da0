import { parseEnv } from 'node:util';
import { ProvehouseError } from '@provehouse/secrets';
import axios from 'axios';
import { readSecretFile } from '../secret-file.ts';

/** Thrown when a message cannot be sent by Telegram; never holds the token, nor an address with it. */
export class TelegramError extends ProvehouseError {
  override readonly name = 'TelegramError';
}

/** Where the token of the bot is looked for when no file is named. */
export const TOKEN_VARIABLE = 'PROVEHOUSE_TELEGRAM_TOKEN';

export const TELEGRAM_API = 'https://api.telegram.org';

/** The field of a platform's secrets with the token, which Airflow's telegram_default has as well. */
const TOKEN_FIELD = 'telegram_bot_token';

/** A chat that a bot may write to. */
export interface TelegramChat {
  readonly chat: string;
  readonly token: string;
  /** The Bot API; one of one's own may stand in for Telegram's. */
  readonly api: string;
}

const TIMEOUT_MS = 10_000;

/** A message may have as many characters (https://core.telegram.org/bots/api#sendmessage). */
const LONGEST_MESSAGE = 4096;

/**
 * The token of a bot, from a file with nothing else or from the secrets of a platform, else from the
 * environment. It is no option: other users of the machine see command lines.
 * @throws TelegramError where there is none, SecretFileError
 */
export async function telegramToken(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const text =
    file === undefined
      ? (environment[TOKEN_VARIABLE] ?? '')
      : await readSecretFile(file, 'the token of a bot');
  const token = (parseEnv(text)[TOKEN_FIELD] ?? text).trim();
  if (!/^\d+:[\w-]{16,}$/.test(token)) {
    throw new TelegramError(
      `Expected the token of a bot, or a line ${TOKEN_FIELD}=…, in ${file ?? TOKEN_VARIABLE}, found ${text.trim() === '' ? 'nothing' : 'something else'}. @BotFather gives tokens; they go into a file for --telegram-token-file, or into ${TOKEN_VARIABLE}.`,
    );
  }
  return token;
}

/**
 * Sends a message as a bot (https://core.telegram.org/bots/api#sendmessage).
 * @throws TelegramError when it is not taken, with what Telegram said of it
 */
export async function sendTelegram(
  { chat, token, api }: TelegramChat,
  text: string,
): Promise<void> {
  const message = {
    chat_id: chat,
    text: shorten(text),
    link_preview_options: { is_disabled: true },
  };
  try {
    await axios.post(`${api}/bot${token}/sendMessage`, message, {
      timeout: TIMEOUT_MS,
      maxRedirects: 0,
    });
  } catch (error) {
    // The cause holds the address, and so the token: it goes no further.
    throw new TelegramError(`Telegram did not take the message (${reasonOf(error)}).`);
  }
}

function reasonOf(error: unknown): string {
  if (!axios.isAxiosError<{ description?: unknown }>(error)) return 'the request failed';
  const description = error.response?.data?.description;
  if (typeof description === 'string') return description;
  return String(error.response?.status ?? error.code ?? 'the request failed');
}

const shorten = (text: string): string =>
  text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
