import { stat } from 'node:fs/promises';

/** Nothing of that name, or a file where the path needs a folder. */
const ABSENT = ['ENOENT', 'ENOTDIR'];

/** Whether there is something at the path. @throws the system's error when that cannot be seen */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
