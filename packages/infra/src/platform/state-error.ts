/** Thrown when what is asked does not fit the platform as it is. */
export class PlatformStateError extends Error {
  override readonly name = 'PlatformStateError';
}
