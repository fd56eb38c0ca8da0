import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { BaseError, findBase } from './base.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'provehouse-affected-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const IDENTITY = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];

const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-C', folder, ...IDENTITY, ...words], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();

/** Commits once and gives the commit. */
function commit(folder: string, name: string): string {
  writeFileSync(join(folder, name), name);
  git(folder, 'add', name);
  git(folder, 'commit', '--quiet', '-m', name);
  return git(folder, 'rev-parse', 'HEAD');
}

function repository(): string {
  const folder = temporaryFolder();
  git(folder, 'init', '--quiet', '--initial-branch=main');
  return folder;
}

function clone(origin: string, ...words: string[]): string {
  const folder = join(temporaryFolder(), 'clone');
  git(origin, 'clone', '--quiet', ...words, pathToFileURL(origin).href, folder);
  return folder;
}

const filesAgainst = (folder: string, revision: string): string[] =>
  git(folder, 'diff', '--name-only', revision).split('\n').filter(Boolean);

it('is, on a branch, the commit at which it left main, however many commits ago', () => {
  const folder = repository();
  const fork = commit(folder, 'a');
  git(folder, 'checkout', '--quiet', '-b', 'change');
  commit(folder, 'b');
  commit(folder, 'c');
  git(folder, 'checkout', '--quiet', 'main');
  commit(folder, 'd');
  git(folder, 'checkout', '--quiet', 'change');
  expect(findBase(folder, 'main').revision).toBe(fork);
});

it('is, on main, the commit before the last', () => {
  const folder = repository();
  const before = commit(folder, 'a');
  commit(folder, 'b');
  expect(findBase(folder, 'main').revision).toBe(before);
});

it('is, on main with commits that were not pushed, the main of the origin', () => {
  const origin = repository();
  const pushed = commit(origin, 'a');
  const folder = clone(origin);
  commit(folder, 'b');
  commit(folder, 'c');
  expect(findBase(folder, 'main').revision).toBe(pushed);
});

it('is the empty tree in a clone of a single commit, so that every file counts as changed', () => {
  const origin = repository();
  commit(origin, 'a');
  commit(origin, 'b');
  const folder = clone(origin, '--depth=1');
  const { revision } = findBase(folder, 'main');
  expect(filesAgainst(folder, revision)).toEqual(['a', 'b']);
});

it('is the empty tree on a branch whose clone does not reach back to main', () => {
  const origin = repository();
  commit(origin, 'a');
  git(origin, 'checkout', '--quiet', '-b', 'change');
  for (const name of ['b', 'c', 'd']) commit(origin, name);
  const folder = clone(origin, '--depth=2', '--branch=change');
  const { revision } = findBase(folder, 'main');
  expect(filesAgainst(folder, revision)).toEqual(['a', 'b', 'c', 'd']);
});

it.each([
  ['outside of a repository', temporaryFolder],
  ['before the first commit', repository],
])('does not guess %s', (_, folder) => {
  expect(() => findBase(folder(), 'main')).toThrow('Expected a git repository with a commit');
});

it('asks for git where there is none', () => {
  const folder = repository();
  vi.stubEnv('PATH', '/nonexistent');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  expect(() => findBase(folder, 'main')).toThrow(BaseError);
});
