import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY and SQLITE_CANTOPEN (https://sqlite.org/rescode.html). */
const BUSY = 5;
const CANNOT_OPEN = 14;

/**
 * Has a file to itself until that is disposed, which removes it; nothing when somebody else has it, in
 * this process or another. SQLite locks the file, and the operating system lets go of the lock when its
 * process ends, however it ends (https://sqlite.org/lockingv3.html). So a file that is there says
 * nothing: only its lock does.
 */
export async function tryLock(file: string): Promise<AsyncDisposable | undefined> {
  for (;;) {
    const before = await identityOf(file);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const held = hold(file);
    if (held === 'busy') return undefined;
    if (held === 'absent') continue;
    // Who had it may have removed it after it was opened here: then nobody else can see this lock.
    if (before !== undefined && (await identityOf(file)) === before) {
      return {
        async [Symbol.asyncDispose]() {
          await rm(file, { force: true });
          held.close();
        },
      };
    }
    held.close();
  }
}

/** The file opened and locked, and made if it was not there; `absent` where its folder is not. */
function hold(file: string): DatabaseSync | 'busy' | 'absent' {
  const database = new DatabaseSync(file, { timeout: 0, open: false });
  try {
    database.open();
    // Nothing is written, so that a file beside it would only be left behind.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    if (database.isOpen) database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === BUSY) return 'busy';
    if (errcode === CANNOT_OPEN && !existsSync(dirname(file))) return 'absent';
    throw error;
  }
}

/** Tells a file from one that has taken its place; a number alone is given again. */
async function identityOf(file: string): Promise<string | undefined> {
  try {
    const { ino, birthtimeNs } = await stat(file, { bigint: true });
    return `${ino}-${birthtimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
