/**
 * Thrown for what somebody who uses Provehouse can act on: the message says what was expected, what was
 * found and what to do. Any other error is a defect of Provehouse.
 */
export class ProvehouseError extends Error {
  override readonly name: string = 'ProvehouseError';
}

/** Thrown by what was interrupted before its end. */
export class InterruptedError extends ProvehouseError {
  override readonly name = 'InterruptedError';

  constructor() {
    super('Interrupted.');
  }
}
