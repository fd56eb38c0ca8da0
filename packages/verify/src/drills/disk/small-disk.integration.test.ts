import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  enlargeSmallDisk,
  freeBytes,
  mountSmallDisk,
  unmountSmallDisk,
  whyNotMounted,
} from './small-disk.ts';

const reason = await whyNotMounted();

describe.skipIf(reason !== undefined)(`small disk (${reason ?? 'root'})`, () => {
  test('a folder with little room keeps its files, refuses more than fits, and takes it once enlarged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'provehouse disk '));
    const file = join(folder, 'large');
    try {
      await writeFile(join(folder, 'before'), 'kept');
      await mountSmallDisk(folder, 1_048_576);
      expect(await readFile(join(folder, 'before'), 'utf8')).toBe('kept');
      expect(await freeBytes(folder)).toBeLessThan(1_048_577);
      const large = Buffer.alloc(2_000_000);
      await expect(writeFile(file, large)).rejects.toThrow('ENOSPC');
      await enlargeSmallDisk(folder, 8_388_608);
      await writeFile(file, large);
      await unmountSmallDisk(folder);
      await expect(readFile(file)).rejects.toThrow('ENOENT');
      await unmountSmallDisk(folder);
      expect(await readFile(join(folder, 'before'), 'utf8')).toBe('kept');
    } finally {
      await unmountSmallDisk(folder);
      await rm(folder, { recursive: true });
    }
  });
});
