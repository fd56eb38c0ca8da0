import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when a program in which people look at charts does not answer, or otherwise than expected. */
export class ChartToolError extends ProvehouseError {
  /** The status of HTTP, if it answered with one of a refusal. */
  readonly status: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}
