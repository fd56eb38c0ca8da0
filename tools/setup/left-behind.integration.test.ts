import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endWhatIsLeft, TEST_RUN } from './left-behind.ts';

const INFRA = join(import.meta.dirname, '../../packages/infra/src/cli.ts');

let run: string;
let home: string;
beforeEach(async () => {
  run = randomUUID();
  home = await mkdtemp(join(tmpdir(), 'provehouse-left-'));
});
afterEach(async () => {
  await endWhatIsLeft(run);
  await rm(home, { recursive: true, force: true });
});

const start = (...words: readonly string[]) =>
  spawn(process.execPath, words, {
    env: { PATH: process.env['PATH'] ?? '', [TEST_RUN]: run },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });

test('where nothing is left, nothing is found', async () => {
  expect(await endWhatIsLeft(run)).toEqual([]);
});

test('processes that are left are ended, also those that do not want to, and those of others are not', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')`;
  const child = start('-e', stubborn);
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  expect(await endWhatIsLeft(randomUUID())).toEqual([]);
  expect(child.exitCode ?? child.signalCode).toBe(null);
  expect(await endWhatIsLeft(run, 0, 500)).toEqual([
    expect.stringContaining(`process ${child.pid}: ${process.execPath} -e`),
  ]);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('a platform that is left is taken down, and its data is removed', async () => {
  const up = start(INFRA, 'up', '--home', home, '--name', 'left', '--without', 'airflow');
  up.stdout.resume();
  expect(await once(up, 'exit')).toEqual([0, null]);
  expect(await endWhatIsLeft(run)).toEqual([`a platform in ${join(home, 'left')}`]);
  expect(existsSync(home)).toBe(false);
  expect(await endWhatIsLeft(run)).toEqual([]);
});

test('so is one whose start was cut off', async () => {
  const up = start(INFRA, 'up', '--home', home, '--name', 'left', '--without', 'airflow');
  up.stdout.resume();
  const ended = once(up, 'exit');
  await expect
    .poll(() => existsSync(join(home, 'left/run/supervisord.pid')), { timeout: 60_000 })
    .toBe(true);
  up.kill('SIGKILL');
  await ended;
  expect(await endWhatIsLeft(run)).toContain(`a platform in ${join(home, 'left')}`);
  expect(await endWhatIsLeft(run)).toEqual([]);
});
