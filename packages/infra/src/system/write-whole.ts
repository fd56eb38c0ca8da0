import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file so that whoever reads it, also after a crash, finds what it held before or all of it.
 * @throws the system's error, which names the file; what it held before stays
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, text, { flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
