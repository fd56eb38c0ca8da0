import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stateFolder } from '../state/state-folder.ts';
import { makeWrittenFolders, writeFiles } from './platform-files.ts';

async function emptyFolder() {
  const home = await mkdtemp(join(tmpdir(), 'provehouse-files-'));
  onTestFinished(() => rm(home, { recursive: true }));
  return { home, folder: stateFolder(home, 'local') };
}

test('what is no text reaches the folder byte by byte, and nobody else can read it', async () => {
  const { home, folder } = await emptyFolder();
  const jar = join(home, 'agent.jar');
  const bytes = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0x00]);
  await writeFile(jar, bytes, { mode: 0o644 });
  await writeFiles(folder, { 'kafka/a.yml': 'a' }, { 'kafka/b.jar': () => Promise.resolve(jar) });
  const written = join(folder.config, 'kafka/b.jar');
  expect(await readFile(written)).toEqual(bytes);
  expect((await stat(written)).mode & 0o777).toBe(0o600);
});

test('where a file cannot be fetched the folder stays as it was', async () => {
  const { folder } = await emptyFolder();
  await writeFiles(folder, { 'kafka/a.yml': 'before' });
  const fetched = { 'kafka/b.jar': () => Promise.reject(new Error('no network')) };
  await expect(writeFiles(folder, { 'kafka/a.yml': 'after' }, fetched)).rejects.toThrow(
    'no network',
  );
  expect(await readFile(join(folder.config, 'kafka/a.yml'), 'utf8')).toBe('before');
});

test('whoever runs in a container may write to its folder, and other users of this machine do not get there', async () => {
  const { folder } = await emptyFolder();
  await makeWrittenFolders(folder, ['verdicts']);
  const mode = async (path: string) => (await stat(path)).mode & 0o7777;
  expect(await mode(join(folder.data, 'verdicts'))).toBe(0o1777);
  expect(await mode(folder.data)).toBe(0o700);
  await writeFile(join(folder.data, 'verdicts/shop.prom'), 'of a watch');
  await makeWrittenFolders(folder, ['verdicts']);
  expect(await readFile(join(folder.data, 'verdicts/shop.prom'), 'utf8')).toBe('of a watch');
});
