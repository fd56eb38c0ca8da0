import { mkdtemp, readdir, rm } from 'node:fs/promises';
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
    await using _lock = await lockPlatform(folder, 'backing up');
    await expect(lockPlatform(folder, 'backing up')).rejects.toThrow(PlatformBusyError);
    await expect(lockPlatform(folder, 'backing up')).rejects.toThrow(
      `Process ${process.pid} is backing up this platform. Wait for it`,
    );
  }
  await using _again = await lockPlatform(folder, 'backing up');
  expect((await readdir(folder.root)).sort()).toEqual(['platform.lock', 'platform.lock.owner']);
});

test('nothing is left of a lock that was given back', async () => {
  await (await lockPlatform(folder, 'backing up'))[Symbol.asyncDispose]();
  expect(await readdir(folder.root)).toEqual([]);
});

test('one that has not said who it is is another process', async () => {
  await using _lock = await lockPlatform(folder, 'backing up');
  await rm(join(folder.root, 'platform.lock.owner'));
  await expect(lockPlatform(folder, 'backing up')).rejects.toThrow(
    'Another process is changing this platform',
  );
});
