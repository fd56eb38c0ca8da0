import type { BucketLogin } from '../clickhouse/storage.ts';
import { BackupError } from './backup-error.ts';

/** The folder of backups in a bucket, below the prefix of its platform. */
export const BACKUPS_FOLDER = 'backups/';

/** How nodes log in where the backups of a bucket are. */
export const backupsIn = ({ url, ...keys }: BucketLogin): BucketLogin => ({
  url: `${url}/${BACKUPS_FOLDER}`,
  ...keys,
});

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** @throws BackupError for a text that cannot be a backup's name */
export function checkBackupName(name: string): string {
  if (NAME.test(name)) return name;
  throw new BackupError(
    `Expected the name of a backup, of 1 to 63 letters, digits, dots, dashes and underscores, found ${JSON.stringify(name)}.`,
  );
}

/** The name of a backup that was given none: when it was taken, in UTC. */
export const nameOfMoment = (moment: Date): string =>
  moment
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[:-]/g, '');

/** Where a backup is, by the keys of its bucket. */
export interface BackupFolder {
  /** What stands before the keys of all its objects. */
  readonly root: string;
  readonly manifest: string;
  /** What stands before the keys of a shard's objects. */
  shard(shard: string): string;
}

export const backupFolder = (prefix: string, name: string): BackupFolder => {
  const root = `${prefix}${BACKUPS_FOLDER}${name}/`;
  return { root, manifest: `${root}manifest.json`, shard: (shard) => `${root}shard-${shard}/` };
};

/** A shard of a backup, as statements name it that say where backups are by a named collection. */
export const shardPath = (name: string, shard: string): string => `${name}/shard-${shard}`;
