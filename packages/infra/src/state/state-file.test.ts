import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { PlatformStateError } from './state-error.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  path = join(folder, 'plan.json');
});
afterEach(() => rm(folder, { recursive: true }));

const read = () =>
  readStateFile({
    path,
    schema: z.strictObject({ shards: z.int() }),
    remedy: 'Run infra:down, which keeps the data.',
  });

test('what was written is read, and nothing is left beside it', async () => {
  await writeStateFile(path, { shards: 2 });
  expect(await read()).toEqual({ shards: 2 });
  expect(await readdir(folder)).toEqual(['plan.json']);
});

test('a file that is not there holds nothing', async () => {
  expect(await read()).toBeUndefined();
});

test.each([
  ['torn', '{ "shards": ', /plan\.json is not whole: .*JSON[^]*Run infra:down/],
  ['empty', '', /plan\.json is not whole/],
  ['of another form', '{ "shards": "two" }', /expected number[^]*Run infra:down/],
])('a file that is %s is refused, with what to do', async (_, text, words) => {
  await writeFile(path, text);
  await expect(read()).rejects.toThrow(PlatformStateError);
  await expect(read()).rejects.toThrow(words);
});

test('one that cannot be read is refused, and not taken for absent', async () => {
  await mkdir(path);
  await expect(read()).rejects.toThrow(/plan\.json cannot be read \(EISDIR\)\. Run infra:down/);
});

test('what cannot be written leaves what was there, and no draft', async () => {
  await writeStateFile(path, { shards: 2 });
  await expect(writeStateFile(path, { shards: 1n })).rejects.toThrow(TypeError);
  expect(await read()).toEqual({ shards: 2 });
  await rm(path);
  await mkdir(join(path, 'in-the-way'), { recursive: true });
  await expect(writeStateFile(path, { shards: 3 })).rejects.toThrow(/plan\.json/);
  expect(await readdir(folder)).toEqual(['plan.json']);
  expect(await readFile(join(folder, 'plan.json/in-the-way'), 'utf8').catch(() => '')).toBe('');
});
