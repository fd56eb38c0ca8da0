import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installPackage, type InstalledPackage } from './installed-package.ts';

const MOST_BYTES = 3_000_000;
const run = promisify(execFile);

let own: InstalledPackage;
beforeAll(async () => {
  own = await installPackage();
});
afterAll(() => own[Symbol.asyncDispose]());

const provehouse = (...words: string[]) =>
  run(join(own.project, 'node_modules/.bin/provehouse'), words, {
    cwd: own.project,
    env: { ...process.env, PROVEHOUSE_PASSWORD: '' },
  });

test('the package is small, and brings no other with it', async () => {
  expect(own.archiveBytes).toBeLessThan(MOST_BYTES);
  const packages = await readdir(join(own.project, 'node_modules'));
  expect(packages.filter((name) => !name.startsWith('.'))).toEqual(['provehouse']);
});

test('it runs where nothing else is: it asks a cluster, or says why it cannot', async () => {
  const { stdout } = await provehouse('check', '--help');
  expect(stdout).toContain('Usage: provehouse check [options] <url...>');
  const asking = provehouse('check', 'http://127.0.0.1:1', '--user', 'nobody');
  await expect(asking).rejects.toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('ECONNREFUSED') },
  });
});

test('what needs a clone says so', async () => {
  await expect(provehouse('up')).rejects.toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('Expected a clone of Provehouse for up') },
  });
});
