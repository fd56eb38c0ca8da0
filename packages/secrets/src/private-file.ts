import { chmod, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { SecretsError } from './secrets-error.ts';

/** The only mode in which a file with secrets is accepted: its owner reads and writes, nobody else. */
export const PRIVATE_MODE = 0o600;

const isTaken = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'EEXIST' && error.syscall === 'link';

async function writeDraft(draft: string, text: string): Promise<void> {
  const handle = await open(draft, 'wx', PRIVATE_MODE);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // The process's umask may have taken bits away.
  await chmod(draft, PRIVATE_MODE);
}

/**
 * Writes a file that only its owner can read, so that a reader sees the old one or the new one,
 * never a part. Its folder is made.
 * @throws SecretsError when there is a file already and `replace` is false, or it cannot be written
 */
export async function writePrivateFile(
  file: string,
  text: string,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeDraft(draft, text);
    // Unlike a rename, a link fails where there is a file.
    await (replace ? rename(draft, file) : link(draft, file));
  } catch (cause) {
    if (isTaken(cause as NodeJS.ErrnoException)) {
      throw new SecretsError(`${file} exists and is kept. Replace it with --force.`, { cause });
    }
    throw new SecretsError(`${file} cannot be written. Check its folder and permissions.`, {
      cause,
    });
  } finally {
    await rm(draft, { force: true });
  }
}
