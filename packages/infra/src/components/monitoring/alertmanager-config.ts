import { createHash } from 'node:crypto';
import type { Secrets } from '@provehouse/secrets';
import { stringify } from 'yaml';

/** A chat of Telegram that Alertmanager writes to. */
export interface AlertChat {
  readonly token: string;
  /** Alertmanager knows chats by their number alone. */
  readonly chat: number;
  /** The Bot API, where it is not Telegram's. */
  readonly api?: string;
}

/** Why alerts are sent to nobody. */
export interface NoChat {
  readonly why: string;
}

/** Where alerts are sent: as Airflow's connection telegram_default, to the chat that the secrets name. */
export function chatOf({
  telegram_bot_token: token,
  telegram_chat_id: chat,
  telegram_api_url: api,
}: Secrets): AlertChat | NoChat {
  if (token === undefined || chat === undefined) {
    return { why: 'the secrets have no telegram_bot_token and telegram_chat_id' };
  }
  if (!/^-?\d+$/.test(chat)) {
    return { why: `Alertmanager knows chats by number, and telegram_chat_id is ${chat}` };
  }
  return { token, chat: Number(chat), ...(api !== undefined && { api }) };
}

/**
 * What has changed, as https://prometheus.io/docs/alerting/latest/notifications/ has the fields.
 * @param platform its name
 * @param link where all alerts are
 */
const message = (platform: string, link: string): string =>
  `{{ if .Alerts.Firing }}A problem on ${platform}:\n` +
  '{{ range .Alerts.Firing }}• {{ .Annotations.summary }}\n  {{ .Annotations.action }}\n{{ end }}{{ end }}' +
  `{{ if .Alerts.Resolved }}Solved on ${platform}:\n` +
  `{{ range .Alerts.Resolved }}• {{ .Annotations.summary }}\n{{ end }}{{ end }}${link}`;

/** Who hears of alerts, as a deployment says it. */
export const receiversOf = (secrets: Secrets): string[] =>
  'token' in chatOf(secrets) ? ['telegram'] : [];

/** After how long an alert that goes on is said again. */
export const REPEAT_HOURS = 24 * 28;

/** What a message says besides the alerts, as text or as templates of a file. */
export interface MessagePlaces {
  readonly platform: string;
  /** Where people see all alerts. */
  readonly link: string;
  /** The file that has the templates. */
  readonly templates?: string;
}

/**
 * alertmanager.yml; it holds the token, because 0.25 takes it from no other file.
 * Settings: https://prometheus.io/docs/alerting/latest/configuration/
 */
export function renderAlertmanager(
  chat: AlertChat | NoChat,
  { platform, link, templates }: MessagePlaces,
): string {
  return stringify({
    ...(templates !== undefined && { templates: [templates] }),
    route: {
      receiver: 'chosen',
      // A message is about one thing on one component, so that none repeats what others said.
      group_by: ['alertname', 'component', 'deployment'],
      routes: [
        { receiver: 'nobody', matchers: ['alertname = AlertsNotSent'] },
        { receiver: 'nobody', matchers: ['sent_by = watch'] },
      ],
      ...{ group_wait: '5s', group_interval: '10s', repeat_interval: `${REPEAT_HOURS}h` },
    },
    receivers: [
      { name: 'nobody' },
      {
        name: 'chosen',
        ...('token' in chat && {
          telegram_configs: [
            {
              ...{ bot_token: chat.token, chat_id: chat.chat },
              ...(chat.api !== undefined && { api_url: chat.api }),
              // Without a mode the text is taken as it is.
              ...{ parse_mode: '', send_resolved: true, message: message(platform, link) },
            },
          ],
        }),
      },
    ],
  });
}

const BCRYPT_ROUNDS = 10;
const SALT_BYTES = 16;

/**
 * The file of its logins, without which every page in a browser of this machine could silence alerts. The
 * same password always gives the same file: a container whose files have changed is made again.
 */
export async function renderLogins(login: {
  readonly name: string;
  readonly password: string;
}): Promise<string> {
  const { encodeBase64, hash } = await import('bcryptjs');
  const digest = createHash('sha256').update(`salt of ${login.password}`).digest();
  const salt = `$2b$${BCRYPT_ROUNDS}$${encodeBase64(digest, SALT_BYTES)}`;
  return JSON.stringify({ basic_auth_users: { [login.name]: await hash(login.password, salt) } });
}
