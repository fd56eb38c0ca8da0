import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTo } from './build-image.ts';

let folder: string;
let source: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  source = join(folder, 'source');
  await mkdir(join(source, 'below'), { recursive: true });
  await writeFile(join(source, 'below/file'), 'text');
  await utimes(join(source, 'below/file'), 1000, 1000);
  await symlink('below/file', join(source, 'link'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what is in a folder comes beside what is there already', async () => {
  const target = join(folder, 'target');
  await mkdir(target);
  await writeFile(join(target, 'README'), '');
  await addTo(target, source);
  expect((await readdir(target)).toSorted()).toEqual(['README', 'below', 'link']);
});

test('a folder is made where there is none; links are followed, and times are kept', async () => {
  const target = join(folder, 'new');
  await addTo(target, source);
  expect(
    (await readdir(target, { withFileTypes: true })).every((file) => !file.isSymbolicLink()),
  ).toBe(true);
  expect(await readFile(join(target, 'link'), 'utf8')).toBe('text');
  expect((await stat(join(target, 'below/file'))).mtimeMs).toBe(1_000_000);
});

test('a file is copied under the name that it is given', async () => {
  await addTo(join(folder, 'program'), join(source, 'below/file'));
  expect(await readFile(join(folder, 'program'), 'utf8')).toBe('text');
});
