import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runtimeInUse, runtimeOfData, runtimeToStart } from './choose-runtime.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
});
afterEach(() => rm(home, { recursive: true }));

const place = () => ({ home, name: 'kept' });

/** A file that a platform leaves when it is taken down. */
async function left(file: string): Promise<void> {
  const path = join(home, 'kept', file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '{}');
}

test('a platform that was never started has no runtime', async () => {
  expect(await runtimeInUse(place())).toBeUndefined();
  expect(await runtimeOfData(place())).toBeUndefined();
});

test.each([
  ['native', 'data/shape.json', 'docker'],
  ['docker', 'terraform/plan.json', 'native'],
] as const)('data of the runtime %s is served by it again', async (runtime, file, other) => {
  await left(file);
  expect(await runtimeInUse(place())).toBeUndefined();
  expect(await runtimeOfData(place())).toBe(runtime);
  await expect(runtimeToStart(place(), other)).rejects.toThrow(
    `kept has its data on the ${runtime} runtime, not ${other}. Start it there`,
  );
});
