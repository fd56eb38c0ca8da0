import pLimit from 'p-limit';
import { BackupError } from './backup-error.ts';
import { backupFolder, checkBackupName } from './backup-name.ts';
import { listBackups, type BackupStore } from './read-backups.ts';

const PARALLEL = 4;

/**
 * Removes a backup, or what is left of one.
 * @throws BackupError where there is none, or another is based on it
 */
export async function removeBackup(store: BackupStore, name: string): Promise<void> {
  const others = await listBackups(store);
  const needs = others.find((one) => 'manifest' in one && one.manifest.base?.name === name);
  if (needs !== undefined) {
    throw new BackupError(`The backup ${needs.name} is based on ${name}: remove that one first.`);
  }
  if ((await removeObjects(store, name)) === 0) {
    throw new BackupError(`There is no backup ${name}.`);
  }
}

/** Removes every object of a backup, its manifest first; gives how many there were. */
export async function removeObjects(
  { bucket, prefix }: BackupStore,
  name: string,
): Promise<number> {
  const { root, manifest } = backupFolder(prefix, checkBackupName(name));
  const objects = await bucket.list(root);
  await bucket.remove(manifest);
  await pLimit(PARALLEL).map(objects, ({ key }) => bucket.remove(key));
  return objects.length;
}
