import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readIfThere } from './read-if-there.ts';

test('a file that is absent is nothing, and one that cannot be read is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'text');
  expect(await readIfThere(file)).toBeUndefined();
  await writeFile(file, 'some');
  expect(await readIfThere(file)).toBe('some');
  await expect(readIfThere(folder)).rejects.toThrow('EISDIR');
});
