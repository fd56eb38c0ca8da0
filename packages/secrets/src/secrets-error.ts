import { ProvehouseError } from './provehouse-error.ts';

/** What is wrong with one field of a secrets file, or with the file itself. Never holds a value. */
export interface Problem {
  /** The field's name, or `file`. */
  readonly field: string;
  readonly problem: string;
}

/** One line for each problem, indented, for people. */
export const describeProblems = (problems: readonly Problem[]): string =>
  problems.map(({ field, problem }) => `  ${field}: ${problem}`).join('\n');

/** Thrown when secrets cannot be read, written or changed. Neither message nor problems hold a value. */
export class SecretsError extends ProvehouseError {
  override readonly name = 'SecretsError';
  readonly problems: readonly Problem[];

  constructor(message: string, options: ErrorOptions & { problems?: readonly Problem[] } = {}) {
    const { problems = [], ...errorOptions } = options;
    super(
      problems.length === 0 ? message : `${message}\n${describeProblems(problems)}`,
      errorOptions,
    );
    this.problems = problems;
  }
}
