/** Facts of the run that a contract refers to as `$name`. */
export type Parameters = Readonly<Record<string, string | number>>;

/** Thrown when a contract names a parameter that is not known. */
export class UnknownParameterError extends Error {
  override readonly name = 'UnknownParameterError';
  readonly parameter: string;

  constructor(parameter: string) {
    super(`${parameter} is not known: it is a fact of the run that loaded the rows.`);
    this.parameter = parameter;
  }
}

/**
 * The value itself, or that of the parameter that it names.
 * @throws UnknownParameterError when no such parameter is known
 */
export function resolve(scalar: string | number, parameters: Parameters): string | number {
  if (typeof scalar === 'number' || !scalar.startsWith('$')) return scalar;
  const name = scalar.slice(1);
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined) throw new UnknownParameterError(name);
  return value;
}
