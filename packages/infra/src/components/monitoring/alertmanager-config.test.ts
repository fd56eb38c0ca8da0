import { generateSecrets } from '@provehouse/secrets';
import { compare } from 'bcryptjs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { chatOf, renderAlertmanager, renderLogins } from './alertmanager-config.ts';

const places = { platform: 'dwh', link: 'http://127.0.0.1:9090/alerts' };
const token = '123456:a-token-that-nobody-may-see';

const chosen = (telegram: object) => {
  const chat = chatOf({ ...generateSecrets(), ...telegram });
  const { receivers } = parse(renderAlertmanager(chat, places));
  return receivers.find(({ name }: { name: string }) => name === 'chosen');
};

test('alerts go to the chat of the secrets, by the Bot API of the secrets where they name one', () => {
  const chat = { telegram_bot_token: token, telegram_chat_id: '-1001' };
  const [sent] = chosen(chat).telegram_configs;
  expect(sent).toMatchObject({ bot_token: token, chat_id: -1001, send_resolved: true });
  expect(sent).not.toHaveProperty('api_url');
  expect(sent.message).toContain(places.link);
  const [elsewhere] = chosen({
    ...chat,
    telegram_api_url: 'https://bots.example',
  }).telegram_configs;
  expect(elsewhere.api_url).toBe('https://bots.example');
});

test('without a token, a chat, or the number of the chat they go to nobody, and it is said why', () => {
  expect(chosen({})).toEqual({ name: 'chosen' });
  expect(chosen({ telegram_bot_token: token })).toEqual({ name: 'chosen' });
  const channel = { telegram_bot_token: token, telegram_chat_id: '@alerts' };
  expect(chosen(channel)).toEqual({ name: 'chosen' });
  expect(chatOf({ ...generateSecrets(), ...channel })).toEqual({
    why: 'Alertmanager knows chats by number, and telegram_chat_id is @alerts',
  });
});

test('the file of its logins has no password, is always the same, and differs for another password', async () => {
  const login = { name: 'monitoring', password: 'a password' };
  const text = await renderLogins(login);
  expect(text).not.toContain(login.password);
  const { basic_auth_users: users } = JSON.parse(text);
  expect(await compare(login.password, users.monitoring)).toBe(true);
  expect(await renderLogins(login)).toBe(text);
  const other = JSON.parse(await renderLogins({ ...login, password: 'another' }));
  expect(other.basic_auth_users.monitoring.slice(0, 29)).not.toBe(users.monitoring.slice(0, 29));
});

test('names of a file of templates are taken as they are', () => {
  const named = {
    ...places,
    platform: '{{ template "platform" . }}',
    templates: '/etc/names.tmpl',
  };
  const config = parse(renderAlertmanager({ token, chat: -1001 }, named));
  expect(config.templates).toEqual(['/etc/names.tmpl']);
  const [sent] = config.receivers[1].telegram_configs;
  expect(sent.message).toContain('A problem on {{ template "platform" . }}:');
});
