import { ProvehouseError } from '@provehouse/secrets';
import axios from 'axios';
import { readSecretFile } from '../secret-file.ts';

/** Thrown when a message cannot be sent; never holds the address, which is a secret. */
export class WebhookError extends ProvehouseError {
  override readonly name = 'WebhookError';
}

/** Where the address of the webhook is looked for. */
export const WEBHOOK_VARIABLE = 'PROVEHOUSE_WEBHOOK';

const TIMEOUT_MS = 10_000;

/**
 * The address that messages go to, from the file, else from the environment; none where neither says
 * one. Who knows the address may write, so that it is no option.
 * @throws WebhookError for an address that is none, SecretFileError
 */
export async function webhookAddress(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const text =
    file === undefined
      ? environment[WEBHOOK_VARIABLE]
      : await readSecretFile(file, 'the address of a webhook');
  if (text === undefined || text === '') return undefined;
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new WebhookError(
      `Expected the address of a webhook in ${file ?? WEBHOOK_VARIABLE}, such as https://hooks.slack.com/services/…, found something else.`,
    );
  }
  return url.href;
}

/**
 * Sends a message as Slack and those compatible with it take it
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
 * @throws WebhookError when it is not taken
 */
export async function sendMessage(address: string, text: string): Promise<void> {
  try {
    await axios.post(address, { text }, { timeout: TIMEOUT_MS });
  } catch (error) {
    const said = axios.isAxiosError(error)
      ? (error.response?.status ?? error.code ?? error.message)
      : String(error);
    throw new WebhookError(`The webhook did not take the message (${said}).`);
  }
}
