/** From best to worst, so that the worst verdict of a run wins. */
export const STATUSES = ['passed', 'skipped', 'warned', 'inconclusive', 'failed'] as const;

export type Status = (typeof STATUSES)[number];

/** Rows that show what was found, as they came from the server. */
export interface Evidence {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** What a check found about one subject (a node, a table, a task), before it is timed and named. */
export interface Finding {
  readonly status: Status;
  /** What was looked at, such as a node's or a table's name; none for the whole platform. */
  readonly subject?: string;
  readonly node?: string;
  readonly expected: string;
  readonly observed: string;
  /** How what was found differs from what it is compared with, line by line (unified diff). */
  readonly difference?: string;
  /** Why it was skipped or is inconclusive, or what to do about a failure. */
  readonly reason?: string;
  readonly evidence?: readonly Evidence[];
  /** Statements that reproduce the finding with any client. */
  readonly sql?: readonly string[];
}

/** A finding with the check that made it and how long that took. */
export interface Verdict {
  readonly check: string;
  readonly title: string;
  readonly status: Status;
  readonly findings: readonly Finding[];
  readonly durationMs: number;
  /** The pipeline that it is about, where several were run at once. */
  readonly pipeline?: string;
}

/**
 * The worst of what was judged; `skipped` where all was skipped, and of nothing `inconclusive`, because
 * nothing was proven.
 */
export function worst(statuses: readonly Status[]): Status {
  if (statuses.length === 0) return 'inconclusive';
  const worstFirst = STATUSES.toReversed().filter((status) => status !== 'skipped');
  return worstFirst.find((status) => statuses.includes(status)) ?? 'skipped';
}

/** Puts what is worst before the rest, as a comparison for sorting. */
export const worstFirst = (left: HasStatus, right: HasStatus): number =>
  STATUSES.indexOf(right.status) - STATUSES.indexOf(left.status);

type HasStatus = Pick<Finding, 'status'>;
