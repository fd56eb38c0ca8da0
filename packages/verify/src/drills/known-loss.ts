import type { DrillTarget } from './drill-target.ts';

/** A fault of an engine by which it loses rows that one replica had acknowledged, found out and explained. */
export interface KnownLoss {
  /** What the engine does wrong, as a sentence. */
  readonly fault: string;
  /** What keeps rows from it, as a sentence. */
  readonly protection: string;
  /** Whether the platform's engine has the fault, for this table. @throws QueryError */
  isIn(target: DrillTarget, table: string): Promise<boolean>;
}

/**
 * Whether a version of ClickHouse lacks a fix that came with some versions: one in each release line
 * that got it. Later lines have it, others do not.
 */
export function lacksFix(version: string, fixedIn: readonly string[]): boolean {
  const ownLine = fixedIn.find((fixed) => compareVersions(fixed, version, 2) === 0);
  const fixed = ownLine ?? fixedIn.toSorted((left, right) => compareVersions(left, right)).at(-1);
  return fixed === undefined || compareVersions(version, fixed) < 0;
}

/** Less than, equal to or greater than 0, as the first version comes before the second one or not. */
function compareVersions(left: string, right: string, parts = 4): number {
  const [ours, theirs] = [left, right].map((version) => version.split('.').map(Number));
  for (let part = 0; part < parts; part += 1) {
    const difference = (ours?.[part] ?? 0) - (theirs?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
