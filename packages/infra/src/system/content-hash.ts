import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Twelve hexadecimal digits that change whenever a word or a file of the folders does.
 * @param counts whether a file of that name is one of them
 */
export async function contentHash(
  words: readonly string[],
  folders: readonly string[],
  counts: (name: string) => boolean = () => true,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter(
        (entry) =>
          entry.isFile() && counts(entry.name) && !entry.parentPath.includes('__pycache__'),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
    for (const file of files) {
      hash.update(file.slice(folder.length)).update('\0');
      hash.update(await readFile(file)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 12);
}
