import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockPlatform, PlatformBusyError } from './lock.ts';
import { stateFolder, type StateFolder } from './state-folder.ts';

let home: string;
let folder: StateFolder;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'provehouse-test-'));
  folder = stateFolder(home, 'locked');
});
afterEach(() => rm(home, { recursive: true }));

test('a platform that is being changed is refused, naming the process, until that is done', async () => {
  {
    await using _lock = await lockPlatform(folder);
    await expect(lockPlatform(folder)).rejects.toThrow(PlatformBusyError);
    await expect(lockPlatform(folder)).rejects.toThrow(`Process ${process.pid} is`);
  }
  await using _again = await lockPlatform(folder);
  expect(await readdir(folder.root)).toEqual(['lock']);
});

test('the lock of a process that is gone counts for nothing, even when its pid is used again', async () => {
  await (await lockPlatform(folder))[Symbol.asyncDispose]();
  await writeFile(join(folder.root, 'lock'), `${process.pid}-1`);
  await using _lock = await lockPlatform(folder);
  await expect(lockPlatform(folder)).rejects.toThrow(PlatformBusyError);
});
