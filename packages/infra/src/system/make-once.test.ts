import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeOnce } from './make-once.ts';

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(cache, { recursive: true }));

const making = (text: string) => async (draft: string) => {
  await mkdir(draft);
  await writeFile(join(draft, 'file'), text);
};

test('a folder is made once, and nothing is left beside it', async () => {
  const folder = join(cache, 'deeper', 'made');
  await makeOnce(folder, making('first'));
  await makeOnce(folder, making('second'));
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('first');
  expect(await readdir(join(cache, 'deeper'))).toEqual(['made']);
});

test('of several who make it at the same time one wins, and all are content', async () => {
  const folder = join(cache, 'made');
  await Promise.all(['a', 'b', 'c'].map((text) => makeOnce(folder, making(text))));
  expect(await readFile(join(folder, 'file'), 'utf8')).toMatch(/^[abc]$/);
  expect(await readdir(cache)).toEqual(['made']);
});

test('what fails leaves nothing', async () => {
  const failing = async (draft: string) => {
    await making('part')(draft);
    throw new Error('no space');
  };
  await expect(makeOnce(join(cache, 'made'), failing)).rejects.toThrow('no space');
  expect(await readdir(cache)).toEqual([]);
});
