/** The folder of backups in a bucket, below the prefix of its platform. */
export const BACKUPS_FOLDER = 'backups/';
