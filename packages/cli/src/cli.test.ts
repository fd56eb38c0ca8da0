import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WORKSPACE_PROGRAMS } from './workspace-program.ts';

const PROGRAM = resolve(import.meta.dirname, '../bin/provehouse.mjs');

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-cli-'));
});
afterAll(() => rm(home, { recursive: true }));

interface Outcome {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const outcomeOf = (words: readonly string[]): Promise<Outcome> =>
  new Promise((settle) => {
    execFile(process.execPath, words, (error, stdout, stderr) =>
      settle({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

const provehouse = (...words: string[]): Promise<Outcome> => outcomeOf([PROGRAM, ...words]);

test('every command is in the help', async () => {
  const { code, stdout } = await provehouse('--help');
  expect(code).toBe(0);
  for (const command of [
    'check',
    'init',
    'cluster',
    'grants',
    'watch',
    ...WORKSPACE_PROGRAMS.map((one) => one.command),
  ]) {
    expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  }
});

test.each(['infra', 'verify'] as const)('the program of %s has its commands', async (project) => {
  const program = resolve(import.meta.dirname, '../..', project, 'src/cli.ts');
  const { code, stdout } = await outcomeOf([program, '--help']);
  expect(code).toBe(0);
  for (const { command } of WORKSPACE_PROGRAMS.filter((one) => one.project === project)) {
    expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  }
});

test.each([
  { command: 'logs', project: 'infra' },
  { command: 'drill', project: 'verify' },
  { command: 'secrets', project: 'secrets' },
])('$command is handed on with its words, and shows its own help', async ({ command, project }) => {
  const { code, stdout } = await provehouse(command, '--help');
  expect(stdout).toMatch(new RegExp(`^Usage: ${project}( ${command})? `));
  expect(code).toBe(0);
});

test('the exit code of a command is that of the program that has it', async () => {
  const absent = await provehouse('e2e', '--home', home, '--name', 'none');
  expect(absent.code).toBe(2);
  expect(absent.stderr).toContain('No deployment at');
  expect((await provehouse('secrets', 'generate', '--home', home, '--name', 'own')).code).toBe(0);
  expect((await provehouse('secrets', 'check', '--home', home, '--name', 'own')).code).toBe(0);
});

test('a command that there is not is refused', async () => {
  const { code, stderr } = await provehouse('chekc');
  expect(stderr).toContain("unknown command 'chekc'");
  expect(stderr).toContain('Did you mean check?');
  expect(code).toBe(2);
});
