import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRun, saveRun, type SavedRun } from './saved-run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

const finding = {
  status: 'failed',
  node: 'n',
  expected: '1',
  observed: '2',
  sql: ['SELECT 1'],
} as const;
const run: SavedRun = {
  deployment: 'local',
  runId: 'manual__1',
  verdicts: [
    { check: 'macros', title: 'Macros', status: 'failed', findings: [finding], durationMs: 1.5 },
  ],
};

test('verdicts are read back as they were, and the worst one is the status of the run', async () => {
  const file = join(folder, 'verdicts.json');
  await saveRun(file, run);
  expect((await readRun(file)).verdicts).toEqual(run.verdicts);
  expect(JSON.parse(await readFile(file, 'utf8')).status).toBe('failed');
});

test('a file that was changed by hand is refused', async () => {
  const file = join(folder, 'verdicts.json');
  await writeFile(file, JSON.stringify({ ...run, verdicts: [{ check: 'macros' }] }));
  await expect(readRun(file)).rejects.toThrow(/title/);
});
