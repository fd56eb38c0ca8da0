import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ContainerFiles, FetchedFiles } from '../components/container-side.ts';
import type { StateFolder } from '../state/state-folder.ts';

/**
 * Writes the files that containers are given, and removes those of an earlier plan.
 * @throws what fetching a file throws, before anything is changed
 */
export async function writeFiles(
  folder: StateFolder,
  files: ContainerFiles,
  fetched: FetchedFiles = {},
): Promise<void> {
  const sources = await Promise.all(
    Object.entries(fetched).map(async ([path, fetch]) => [path, await fetch()] as const),
  );
  await rm(folder.config, { recursive: true, force: true });
  await mkdir(folder.config, { recursive: true });
  await chmod(folder.config, 0o700);
  const inItsFolder = async (path: string): Promise<string> => {
    const file = join(folder.config, path);
    await mkdir(dirname(file), { recursive: true });
    return file;
  };
  for (const [path, text] of Object.entries(files)) {
    await writeFile(await inItsFolder(path), text, { mode: 0o600 });
  }
  for (const [path, source] of sources) {
    const file = await inItsFolder(path);
    await copyFile(source, file);
    await chmod(file, 0o600);
  }
}

/**
 * Makes folders that containers write to, whose users this machine does not know: everybody may write there and
 * remove what is theirs, and nobody but the user of this machine and the containers gets there.
 */
export async function makeWrittenFolders(
  { data }: Pick<StateFolder, 'data'>,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  await mkdir(data, { recursive: true });
  await chmod(data, 0o700);
  for (const name of names) {
    await mkdir(join(data, name), { recursive: true });
    await chmod(join(data, name), 0o1777);
  }
}
