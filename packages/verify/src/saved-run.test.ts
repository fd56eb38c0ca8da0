import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runOf, verdictOf } from '../test/verified-run.ts';
import { readRun, saveRun } from './saved-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = { ...runOf([verdictOf('macros', 'failed')]), runId: 'manual__1' };

test('a run is read back as it was', async () => {
  const file = join(folder, 'verdicts.json');
  await saveRun(file, run);
  expect(await readRun(file)).toEqual(run);
});

test('a file that was changed by hand is refused', async () => {
  const file = join(folder, 'verdicts.json');
  await writeFile(file, JSON.stringify({ ...run, verdicts: [{ check: 'macros' }] }));
  await expect(readRun(file)).rejects.toThrow(/title/);
});
