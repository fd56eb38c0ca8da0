export { BackupError } from './backup-error.ts';
export { nameOfMoment } from './backup-name.ts';
export { openBackupPlace, type BackupPlace } from './backup-place.ts';
export type { Manifest } from './manifest.ts';
export { listBackups, proveBackup, type ListedBackup } from './read-backups.ts';
export { removeBackup, removeObjects } from './remove-backup.ts';
export { restoreBackup, type RestoredTable, type RestoreOptions } from './restore-backup.ts';
export { LATEST, takeBackup, type BackupOptions } from './take-backup.ts';
