import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secretFields, secretForms } from './secret-forms.ts';
import { SecretSearch } from './secret-search.ts';

const PASSWORD = `p'ä&<"s>/+ s:w(o)rd!é%$\\{x}`;
const search = new SecretSearch(secretForms('redis_password', PASSWORD));
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-search-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['plain', PASSWORD],
  ['URL', encodeURIComponent(PASSWORD)],
  ['URL', new URLSearchParams({ '': PASSWORD }).toString().slice(1)],
  ['JSON', JSON.stringify({ password: PASSWORD })],
  ['base64', Buffer.from(PASSWORD).toString('base64')],
  ['base64', Buffer.from(`u:${PASSWORD}`).toString('base64')],
  ['base64', Buffer.from(`us:${PASSWORD} and more`).toString('base64url')],
  [
    'XML',
    PASSWORD.replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  ],
])('finds a secret written as %s: %s', (form, text) => {
  expect(search.inText('here', `one\ntwo ${text} three`)).toEqual([
    { field: 'redis_password', form, place: 'here', line: 2 },
  ]);
});

test('finds nothing in a text that only begins like the secret', () => {
  expect(search.inText('here', PASSWORD.slice(0, -1))).toEqual([]);
});

test('finds a secret at any place around the border of two chunks of a file, once, with its line', async () => {
  const chunk = 1 << 20;
  for (const before of [1, 5, PASSWORD.length - 1, PASSWORD.length, PASSWORD.length + 9]) {
    const file = join(folder, `${before}.log`);
    await writeFile(
      file,
      `${'x\n'.repeat((chunk - before - 1) / 2)}${PASSWORD}\n${'y\n'.repeat(9)}`,
    );
    const { leaks, bytes } = await search.inFile(file);
    expect(leaks).toMatchObject([{ line: Math.floor((chunk - before - 1) / 2) + 1 }]);
    expect(bytes).toBeGreaterThan(chunk - 100);
  }
});

test('finds each of several secrets in several chunks', async () => {
  const file = join(folder, 'many.log');
  const lines = Array.from({ length: 200_000 }, (_, index) =>
    index % 50_000 === 0 ? `line with ${PASSWORD}` : 'a line without any secret',
  );
  await writeFile(file, lines.join('\n'));
  const { leaks } = await search.inFile(file);
  expect(leaks.map(({ line }) => line)).toEqual([1, 50_001, 100_001, 150_001]);
});

test('names of accounts and addresses are no secrets; a field that is not known is one', () => {
  const secrets = {
    super_user_name: 'su',
    grafana_admin_email: 'admin@localhost',
    super_user_password: 'password',
    something_else: 'value',
    telegram_bot_token: undefined,
  };
  expect(secretFields(secrets).map(({ field }) => field)).toEqual([
    'super_user_password',
    'something_else',
  ]);
});
