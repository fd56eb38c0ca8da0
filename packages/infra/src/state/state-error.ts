import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when what is asked does not fit the platform as it is. */
export class PlatformStateError extends ProvehouseError {
  override readonly name = 'PlatformStateError';
}
