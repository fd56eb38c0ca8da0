import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when a backup cannot be taken, is not whole, or does not fit the platform. */
export class BackupError extends ProvehouseError {
  override readonly name = 'BackupError';
}
