import { ProvehouseError } from '@provehouse/secrets';

/** Facts of the run that a contract refers to as `$name`. */
export type Parameters = Readonly<Record<string, string | number>>;

/** Thrown when a contract names a parameter that is not known. */
export class UnknownParameterError extends ProvehouseError {
  override readonly name = 'UnknownParameterError';
  readonly parameter: string;

  constructor(parameter: string) {
    super(`${parameter} is not known: it is a fact of the run that loaded the rows.`);
    this.parameter = parameter;
  }
}

/** The parameter that a value names, if it names one. */
export const parameterName = (value: unknown): string | undefined =>
  typeof value === 'string' && value.startsWith('$') ? value.slice(1) : undefined;

/**
 * The value itself, or that of the parameter that it names.
 * @throws UnknownParameterError when no such parameter is known
 */
export function resolve<Value extends string | number | bigint>(
  scalar: Value,
  parameters: Parameters,
): Value | string | number {
  const name = parameterName(scalar);
  if (name === undefined) return scalar;
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined) throw new UnknownParameterError(name);
  return value;
}
