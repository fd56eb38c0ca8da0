import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { writePrivateFile } from './private-file.ts';
import { SecretsError } from './secrets-error.ts';

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

it('makes the folder and a file that only its owner can read', async () => {
  const file = join(await temporaryFolder(), 'new', 'file');
  await writePrivateFile(file, 'text', { replace: false });
  expect(await readFile(file, 'utf8')).toBe('text');
  expect(await modeOf(file)).toBe(0o600);
});

it('keeps a file that exists unless asked to replace it', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'file');
  await writeFile(file, 'old', { mode: 0o644 });
  await expect(writePrivateFile(file, 'new', { replace: false })).rejects.toThrow(
    'exists and is kept',
  );
  expect(await readFile(file, 'utf8')).toBe('old');
  await writePrivateFile(file, 'new', { replace: true });
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await modeOf(file)).toBe(0o600);
  expect(await readdir(folder)).toEqual(['file']);
});

it('lets one of many writers win when none may replace', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'file');
  const writers = Array.from({ length: 8 }, (_, index) =>
    writePrivateFile(file, String(index), { replace: false }),
  );
  const outcomes = await Promise.allSettled(writers);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
  expect(await readFile(file, 'utf8')).toBe(String(winner));
  expect(await readdir(folder)).toEqual(['file']);
});

it('never shows a reader a part of the text', async () => {
  const file = join(await temporaryFolder(), 'file');
  const texts = ['a', 'b'].map((letter) => letter.repeat(500_000));
  await writePrivateFile(file, texts[0]!, { replace: false });
  let writing = true;
  const writer = (async () => {
    for (let round = 0; round < 30; round += 1) {
      await writePrivateFile(file, texts[round % 2]!, { replace: true });
    }
    writing = false;
  })();
  while (writing) expect(texts.includes(await readFile(file, 'utf8'))).toBe(true);
  await writer;
});

it('leaves nothing behind when it cannot write', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'taken'));
  const writing = writePrivateFile(join(folder, 'taken'), 'text', { replace: true });
  await expect(writing).rejects.toThrow(SecretsError);
  expect(await readdir(folder)).toEqual(['taken']);
});
