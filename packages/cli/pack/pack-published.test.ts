import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPublished } from './pack-published.ts';

const MOST_BYTES = 3_000_000;
const run = promisify(execFile);

let folder: string;
let project: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-pack-'));
  const built = await packPublished(join(folder, 'built'));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: built });
  project = join(folder, 'project');
  await run('mkdir', [project]);
  await writeFile(join(project, 'package.json'), '{"private": true}');
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const install = ['install', '--offline', '--no-audit', '--no-fund', join(folder, archive)];
  await run('npm', install, { cwd: project });
});
afterAll(() => rm(folder, { recursive: true }));

const provehouse = (...words: string[]) =>
  run(join(project, 'node_modules/.bin/provehouse'), words, {
    cwd: project,
    env: { ...process.env, PROVEHOUSE_PASSWORD: '' },
  });

test('the package is small, and brings no other with it', async () => {
  const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  expect((await stat(join(folder, archive))).size).toBeLessThan(MOST_BYTES);
  const packages = await readdir(join(project, 'node_modules'));
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
