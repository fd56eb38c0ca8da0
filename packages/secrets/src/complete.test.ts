import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { completeSecrets } from './complete.ts';
import { generateSecrets } from './generate.ts';
import { readSecrets, writeSecrets } from './secrets-file.ts';

/** A file of new secrets without the named lines, and what remains of it. */
async function fileWithout(...names: string[]): Promise<{ file: string; text: string }> {
  const file = join(await temporaryFolder(), 'secrets.env');
  await writeSecrets(file, generateSecrets());
  const lines = (await readFile(file, 'utf8')).split('\n');
  const text = lines
    .filter((line) => !names.some((name) => line.startsWith(`${name}=`)))
    .join('\n');
  await writeFile(file, `# my own note\n${text}`);
  return { file, text: `# my own note\n${text}` };
}

it('adds what is missing, and leaves the rest as it is, with comments and mode', async () => {
  const { file, text } = await fileWithout('redis_password', 'flower_user');
  await expect(readSecrets(file)).rejects.toThrow(/redis_password/);
  expect(await completeSecrets(file)).toEqual(
    expect.arrayContaining(['redis_password', 'flower_user']),
  );
  const after = await readFile(file, 'utf8');
  expect(after.startsWith(text)).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readSecrets(file)).flower_user).toBe('flower');
});

it('does not write a file that is whole', async () => {
  const { file } = await fileWithout();
  const { mtimeMs } = await stat(file);
  expect(await completeSecrets(file)).toEqual([]);
  expect((await stat(file)).mtimeMs).toBe(mtimeMs);
});

it.each([
  ['is cut off', (text: string) => text.slice(0, text.length / 2), /seems to be cut off/],
  [
    'has no Fernet key',
    (text: string) => text.replace(/^airflow_fernet_key=.*\n/m, ''),
    /no airflow_fernet_key, .*Restore it/,
  ],
  [
    'has an unknown field',
    (text: string) => `${text}no_such_field=1\n`,
    /cannot be completed:\n {2}no_such_field/,
  ],
])('changes nothing in a file that %s', async (_, damage, words) => {
  const { file, text } = await fileWithout('redis_password');
  await writeFile(file, damage(text));
  await expect(completeSecrets(file)).rejects.toThrow(words);
  expect(await readFile(file, 'utf8')).toBe(damage(text));
});

it('refuses a file that others could read, and one that is not there', async () => {
  const { file } = await fileWithout('redis_password');
  await chmod(file, 0o644);
  await expect(completeSecrets(file)).rejects.toThrow(/file: /);
  await expect(completeSecrets(`${file}.none`)).rejects.toThrow(/secrets:generate/);
});
