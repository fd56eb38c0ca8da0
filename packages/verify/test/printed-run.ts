import { verifiedRunSchema } from '../src/run-schema.ts';
import type { Verdict } from '../src/verdict.ts';

/** The verdicts that a run printed with `--json`. */
export const printedVerdicts = (stdout: string): readonly Verdict[] =>
  verifiedRunSchema.parse(JSON.parse(stdout)).verdicts as readonly Verdict[];

/** Checks with one of some statuses, by what a run printed with `--json`. */
export const checksOf = (stdout: string, ...statuses: string[]): string[] =>
  printedVerdicts(stdout)
    .filter(({ status }) => statuses.includes(status))
    .map((one) => one.check);
