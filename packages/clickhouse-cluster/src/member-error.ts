/** Thrown when a member of a cluster cannot do what a test asks of it, or did not become ready. */
export class MemberError extends Error {
  override readonly name: string = 'MemberError';
  /** Name of the member, such as `clickhouse-03`. */
  readonly member: string;

  constructor(member: string, problem: string, options?: ErrorOptions) {
    super(`${member}: ${problem}`, options);
    this.member = member;
  }
}

/** Thrown when a member's container has ended by itself: no waiting makes it ready. */
export class MemberExitedError extends MemberError {
  override readonly name = 'MemberExitedError';
}

/** The first line of what went wrong. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.split('\n', 1)[0] ?? '';
}
