import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pauseContainer } from './pause-container.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-pause-'));
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Puts a `docker` on PATH that counts how often it is asked. */
async function engineThat(does: string): Promise<() => Promise<number>> {
  const program = join(folder, 'docker');
  const calls = join(folder, 'calls');
  await writeFile(program, `#!/bin/sh\necho "$@" >> ${calls}\n${does}\n`);
  await chmod(program, 0o755);
  return async () => (await readFile(calls, 'utf8')).trim().split('\n').length;
}

test('an engine that could not freeze the container in time is asked again', async () => {
  const asked = await engineThat(
    `test "$(wc -l < ${join(folder, 'calls')})" = 3 || { echo 'OCI runtime pause failed: unable to freeze: unknown' >&2; exit 1; }`,
  );
  await pauseContainer('abc');
  expect(await asked()).toBe(3);
});

test('another refusal is an error at once', async () => {
  const asked = await engineThat(`echo 'Container abc is already paused' >&2; exit 1`);
  await expect(pauseContainer('abc')).rejects.toThrow('already paused');
  expect(await asked()).toBe(1);
});
