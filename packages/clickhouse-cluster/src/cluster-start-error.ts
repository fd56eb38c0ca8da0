import { logText } from './log-text.ts';
import { MemberError } from './member-error.ts';
import type { EngineContainer } from './started-member.ts';

/** A stack trace of ClickHouse, with the error above it, has about 35 lines. */
const LAST_LINES = 60;

/** Thrown when a cluster did not start; nothing of it is left. */
export class ClusterStartError extends Error {
  override readonly name = 'ClusterStartError';
  /** Name of the member that failed, where it was one. */
  readonly member: string | undefined;
  /** What that member wrote last. */
  readonly log: string;

  constructor(
    message: string,
    { cause, member, log = '' }: { cause?: unknown; member?: string; log?: string } = {},
  ) {
    super(message, { cause });
    this.member = member;
    this.log = log;
  }
}

/** The error of a start that failed, with the last lines of the member whose fault it was. */
export async function startError(
  cause: unknown,
  containers: ReadonlyMap<string, EngineContainer>,
): Promise<ClusterStartError> {
  if (!(cause instanceof MemberError)) {
    return new ClusterStartError(`The cluster did not start: ${String(cause)}`, { cause });
  }
  const { member, message } = cause;
  const log = await lastLines(containers.get(member));
  const said = log === '' ? 'It has written no log.' : `Its last lines:\n${log}`;
  return new ClusterStartError(`The cluster did not start: ${message}. ${said}`, {
    cause,
    member,
    log,
  });
}

async function lastLines(container: EngineContainer | undefined): Promise<string> {
  const options = { stdout: true, stderr: true, follow: false, tail: LAST_LINES } as const;
  try {
    return container === undefined ? '' : logText(await container.logs(options)).trimEnd();
  } catch (error) {
    return `(its log could not be read: ${String(error)})`;
  }
}
