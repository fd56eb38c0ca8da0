import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from './exists.ts';

/**
 * Makes a folder unless it is there. It is made under another name and gets its own when it is complete,
 * so that nobody sees a part of it; where somebody else was faster, theirs stays.
 * @param make makes the folder of the path that it is given, which is not there yet
 * @throws what `make` throws; nothing is left then
 */
export async function makeOnce(
  folder: string,
  make: (draft: string) => Promise<unknown>,
): Promise<void> {
  if (await exists(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const work = await mkdtemp(join(dirname(folder), 'draft-'));
  try {
    const draft = join(work, 'content');
    await make(draft);
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
