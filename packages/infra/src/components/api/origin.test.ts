import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepOrigin } from './origin.ts';

async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-origin-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'origin.json');
}

const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

test('a new platform has two days of products, up to its hour, and keeps where they began', async () => {
  const file = await scratchFile();
  const hour = Date.UTC(2026, 4, 4, 12) / 3_600_000;
  await keepOrigin(file, new Date('2026-05-04T12:34:56Z'));
  const made = { seed: 16, begin_hour: hour - 48, products_per_hour: 100 };
  expect(await read(file)).toEqual(made);
  await keepOrigin(file, new Date('2026-06-04T12:00:00Z'));
  expect(await read(file)).toEqual(made);
});

test('an origin that is not whole is never made again: the products would be others', async () => {
  const file = await scratchFile();
  await writeFile(file, '{"seed": 16');
  await expect(keepOrigin(file, new Date())).rejects.toThrow(
    /is not whole: .*\n.*infra:down --purge/,
  );
  expect(await readFile(file, 'utf8')).toBe('{"seed": 16');
});
