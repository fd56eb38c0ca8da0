import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { generateSecrets } from './generate.ts';
import { checkSecrets, readSecrets, readSecretValues, writeSecrets } from './secrets-file.ts';
import { SecretsError } from './secrets-error.ts';

const aFile = async () => join(await temporaryFolder(), 'secrets.env');

it('reads back what it wrote', async () => {
  const file = await aFile();
  const secrets = {
    ...generateSecrets(),
    super_user_password: `with ' " \\ $ # , ключ`,
    telegram_bot_token: '123456789:ABCdefGHIjklMNOpqrSTUvwxYZ',
  };
  await writeSecrets(file, secrets);
  expect(await readSecrets(file)).toEqual(secrets);
  expect(await readSecretValues(file)).toEqual(secrets);
  expect(await checkSecrets(file)).toEqual([]);
});

it('keeps a file that exists unless forced', async () => {
  const file = await aFile();
  const [old, fresh] = [generateSecrets(), generateSecrets()];
  await writeSecrets(file, old);
  await expect(writeSecrets(file, fresh)).rejects.toThrow('--force');
  expect(await readSecrets(file)).toEqual(old);
  await writeSecrets(file, fresh, { force: true });
  expect(await readSecrets(file)).toEqual(fresh);
});

it('writes nothing when a value cannot be carried', async () => {
  const file = await aFile();
  const secrets = { ...generateSecrets(), redis_password: 'sixteen\ncharacters' };
  await expect(writeSecrets(file, secrets)).rejects.toThrow('redis_password');
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

it('refuses to read a file with problems, naming the file and all of them', async () => {
  const file = await aFile();
  await writeSecrets(file, { ...generateSecrets(), redis_password: 'Sh0rt!', bi_user_name: 'su' });
  await chmod(file, 0o644);
  const error: unknown = await readSecrets(file).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SecretsError);
  const { message, problems } = error as SecretsError;
  expect(message).toContain(file);
  expect(message).not.toContain('Sh0rt!');
  expect(problems.map(({ field }) => field).sort()).toEqual([
    'bi_user_name',
    'file',
    'redis_password',
  ]);
  for (const { problem } of problems) expect(message).toContain(problem);
  expect(await checkSecrets(file)).toEqual(problems);
});

it('reads a part where a part is enough, and refuses a placeholder in it', async () => {
  const file = await aFile();
  const values = { super_user_name: 'su', super_user_password: 'short' };
  await writeFile(file, 'super_user_name=su\nsuper_user_password=short\n', { mode: 0o600 });
  expect(await readSecretValues(file)).toEqual(values);
  await writeFile(file, 'super_user_name=su\nsuper_user_password=changeme\n');
  await expect(readSecretValues(file)).rejects.toThrow('super_user_password: still a placeholder');
});

it('does not read a part that others can read', async () => {
  const file = await aFile();
  await writeFile(file, 'super_user_name=su\n');
  await chmod(file, 0o640);
  await expect(readSecretValues(file)).rejects.toThrow('mode 0640');
});

it('says how to make a file where there is none', async () => {
  const file = await aFile();
  for (const read of [readSecrets, readSecretValues, checkSecrets]) {
    await expect(read(file)).rejects.toThrow(`No secrets can be read from ${file}`);
  }
});
