import axios from 'axios';
import { ProvehouseError } from '@provehouse/secrets';

/**
 * Thrown when Airflow or Flower does not answer, or do, as expected. It never holds the request, whose
 * headers and body have credentials.
 */
export class AirflowError extends ProvehouseError {
  override readonly name = 'AirflowError';
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What went wrong with a call, without the request; an error of another kind stays the cause. */
export function airflowErrorOf(call: string, error: unknown): AirflowError {
  if (!axios.isAxiosError(error)) {
    return new AirflowError(`${call} failed: ${String(error)}`, undefined, { cause: error });
  }
  if (error.response === undefined) {
    return new AirflowError(`${call}: no answer (${error.code ?? 'unknown'}: ${error.message}).`);
  }
  const { status, data } = error.response;
  const detail: unknown =
    typeof data === 'object' && data !== null && 'detail' in data ? data.detail : undefined;
  // A detail that is no sentence repeats the input, which may hold a password.
  const said = typeof detail === 'string' ? `: ${detail}` : '';
  return new AirflowError(`${call} was answered with status ${status}${said}.`, status);
}
