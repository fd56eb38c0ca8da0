import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { gitProblems, modeProblems } from './protection.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function fileIn(folder: string): Promise<string> {
  const file = join(folder, 'secrets.env');
  await writeFile(file, '');
  return file;
}

const git = (folder: string, ...words: string[]) =>
  execFileSync('git', ['-C', folder, ...words], { stdio: 'pipe' });

it('accepts mode 0600', async () => {
  const file = await fileIn(await temporaryFolder());
  await chmod(file, 0o600);
  expect(await modeProblems(file)).toEqual([]);
});

it.each([0o644, 0o640, 0o604, 0o700, 0o4600])('reports mode %o', async (mode) => {
  const file = await fileIn(await temporaryFolder());
  await chmod(file, mode);
  const [problem] = await modeProblems(file);
  expect(problem?.problem).toContain(`mode ${mode.toString(8).padStart(4, '0')}, expected 0600`);
});

it('reports a file that git tracks, and not one beside it', async () => {
  const folder = await temporaryFolder();
  const file = await fileIn(folder);
  git(folder, 'init', '--quiet');
  expect(await gitProblems(file)).toEqual([]);
  git(folder, 'add', 'secrets.env');
  const [problem] = await gitProblems(file);
  expect(problem?.problem).toMatch(/^tracked by git/);
});

it('finds nothing outside of a repository', async () => {
  expect(await gitProblems(await fileIn(await temporaryFolder()))).toEqual([]);
});

it('finds nothing where there is no git', async () => {
  const file = await fileIn(await temporaryFolder());
  vi.stubEnv('PATH', '/nonexistent');
  expect(await gitProblems(file)).toEqual([]);
});

it('says so when git cannot tell', async () => {
  const folder = await temporaryFolder();
  const file = await fileIn(folder);
  await writeFile(join(folder, '.git'), 'garbage');
  await expect(gitProblems(file)).rejects.toThrow('git cannot tell');
});
