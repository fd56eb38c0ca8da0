import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CredentialsError, readAccount } from './credentials.ts';

const TOKEN = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.';

let folder: string;
let tokenFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  tokenFile = join(folder, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

test('without a user a token asks, that of the file before that of the environment', async () => {
  const variable = { PROVEHOUSE_TOKEN: 'another' };
  expect(await readAccount({ tokenFile }, variable, false)).toMatchObject({ token: TOKEN });
  expect(await readAccount({}, variable, false)).toMatchObject({ token: 'another' });
});

test('a user asks with a password, whatever token the environment has', async () => {
  const environment = { PROVEHOUSE_TOKEN: TOKEN, PROVEHOUSE_PASSWORD: '' };
  expect(await readAccount({ user: 'su' }, environment, false)).toEqual({
    ...{ user: 'su', password: '' },
  });
});

test.each([
  ['nobody', () => ({}), {}, /Expected an account/],
  ['a user and a token', () => ({ user: 'su', tokenFile }), {}, /found both/],
  ['a password without its user', () => ({ passwordFile: tokenFile }), {}, /found no user/],
  ['two lines', () => ({}), { PROVEHOUSE_TOKEN: 'secret\nword' }, /cannot be one/],
])('%s is refused, and no secret repeated', async (_, options, environment, said) => {
  const refusal = await readAccount(options(), environment, false).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CredentialsError);
  expect(String(refusal)).toMatch(said);
  expect(String(refusal)).not.toMatch(/secret|eyJ/);
});
