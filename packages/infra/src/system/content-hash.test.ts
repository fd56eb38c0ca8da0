import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { contentHash } from './content-hash.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-hash-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'Dockerfile'), 'FROM base\n');
});

test('the same content has the same hash, wherever it is', async () => {
  const copy = join(folder, 'copy');
  const first = await contentHash(['base'], [folder]);
  await mkdir(copy);
  await writeFile(join(copy, 'Dockerfile'), 'FROM base\n');
  expect(await contentHash(['base'], [copy])).toBe(first);
  expect(first).toMatch(/^[0-9a-f]{12}$/);
});

test.each([
  ['a word', async () => contentHash(['other'], [folder])],
  [
    'a file',
    async () => {
      await writeFile(join(folder, 'Dockerfile'), 'FROM other\n');
      return contentHash(['base'], [folder]);
    },
  ],
  [
    'a new file deep inside',
    async () => {
      await mkdir(join(folder, 'a'));
      await writeFile(join(folder, 'a/b'), '');
      return contentHash(['base'], [folder]);
    },
  ],
])('%s changes the hash', async (_, changed) => {
  const before = await contentHash(['base'], [folder]);
  expect(await changed()).not.toBe(before);
});

test('compiled Python does not count', async () => {
  const before = await contentHash([], [folder]);
  await mkdir(join(folder, '__pycache__'));
  await writeFile(join(folder, '__pycache__/a.pyc'), 'x');
  expect(await contentHash([], [folder])).toBe(before);
});

test('only files of the names that count do', async () => {
  const sources = (name: string) => name.endsWith('.ts');
  const before = await contentHash([], [folder], sources);
  await writeFile(join(folder, 'notes.md'), 'x');
  expect(await contentHash([], [folder], sources)).toBe(before);
  await writeFile(join(folder, 'new.ts'), '');
  expect(await contentHash([], [folder], sources)).not.toBe(before);
});
