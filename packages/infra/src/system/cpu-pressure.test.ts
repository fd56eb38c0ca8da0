import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { measureCpuPressure } from './cpu-pressure.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  file = join(folder, 'cpu');
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const waited = (microseconds: number): Promise<void> =>
  writeFile(
    file,
    `some avg10=0.00 avg60=0.00 avg300=0.00 total=${microseconds}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`,
  );

test('it is the share of the time in which somebody waited', async () => {
  await waited(5_000_000);
  const pressure = measureCpuPressure(file);
  vi.advanceTimersByTime(10_000);
  await waited(8_000_000);
  expect(pressure()).toBeCloseTo(0.3);
});

test('it is unknown where the kernel does not say', async () => {
  expect(measureCpuPressure(join(folder, 'absent'))()).toBeUndefined();
  await writeFile(file, 'something else\n');
  expect(measureCpuPressure(file)()).toBeUndefined();
});
