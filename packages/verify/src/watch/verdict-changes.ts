import type { VerifiedRun } from '../verified-run.ts';
import type { Status } from '../verdict.ts';

/** What is remembered of a run: the status of each check. */
export type Statuses = ReadonlyMap<string, Status>;

/** A check whose verdict is another than it was. */
export interface VerdictChange {
  readonly check: string;
  readonly title: string;
  /** Undefined for a check that was not run before. */
  readonly from: Status | undefined;
  readonly to: Status;
  /** What was seen, of the first finding that decided it. */
  readonly observed: string;
}

export const statusesOf = ({ verdicts }: VerifiedRun): Statuses =>
  new Map(verdicts.map(({ check, status }) => [check, status]));

/**
 * The verdicts that people should hear of: those that are another than before. Of a check that was
 * not run before only what is wrong.
 */
export const changesSince = (before: Statuses, { verdicts }: VerifiedRun): VerdictChange[] =>
  verdicts.flatMap(({ check, title, status, findings }) => {
    const from = before.get(check);
    const heard = from === undefined ? isWrong(status) : from !== status && matters(from, status);
    if (!heard) return [];
    const [first] = findings.filter((finding) => finding.status === status);
    return [{ check, title, from, to: status, observed: first?.observed ?? '' }];
  });

const isWrong = (status: Status): boolean => status !== 'passed' && status !== 'skipped';

/** Whether something is wrong now or was before. */
const matters = (from: Status, to: Status): boolean => isWrong(from) || isWrong(to);

/** Changes as one message for people. */
export function messageOf(
  deployment: string,
  status: Status,
  changes: readonly VerdictChange[],
): string {
  const lines = changes.map(
    ({ title, check, from, to, observed }) =>
      `• ${from === undefined ? to : `${from} → ${to}`}: ${title} (${check})${isWrong(to) ? `: ${short(observed)}` : ''}`,
  );
  return [`${deployment} is ${status}.`, ...lines].join('\n');
}

const LONGEST = 200;

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
};
