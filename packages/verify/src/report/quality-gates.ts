import type { QualityGateValidationResult } from '@allurereport/plugin-api';
import { AREAS, areaOfName } from '../area.ts';
import { keyOf } from '../by-pipeline.ts';
import type { Status, Verdict } from '../verdict.ts';

/** The result of Allure that stands for a verdict. */
export interface JudgedTest {
  readonly id: string;
  /** As `keyOf` has it. */
  readonly verdict: string;
}

/**
 * What a run is held against as a whole: that something passed, and of each area that was looked at that
 * nothing failed and every check could run. All hold when the exit code of the run is 0, and only then.
 */
export function gatesOf(
  verdicts: readonly Verdict[],
  tests: readonly JudgedTest[],
): QualityGateValidationResult[] {
  const proven = withStatus(verdicts, 'passed', 'warned').length;
  const areas = AREAS.map((area) => ({
    area,
    own: verdicts.filter(({ check }) => areaOfName(check) === area),
  }));
  return [
    {
      ...{ success: proven > 0, rule: 'Something is proven', expected: 1, actual: proven },
      ...{ message: `${proven} of ${verdicts.length} checks passed`, testResults: [] },
    },
    ...areas
      .filter(({ own }) => own.length > 0)
      .flatMap(({ area, own }) => [
        none(`${area}: no check failed`, own, withStatus(own, 'failed'), tests),
        none(`${area}: every check could run`, own, withStatus(own, 'inconclusive'), tests),
      ]),
  ];
}

const withStatus = (verdicts: readonly Verdict[], ...statuses: readonly Status[]): Verdict[] =>
  verdicts.filter(({ status }) => statuses.includes(status));

/** The gate that holds when nothing was found. */
const none = (
  rule: string,
  judged: readonly Verdict[],
  found: readonly Verdict[],
  tests: readonly JudgedTest[],
): QualityGateValidationResult => ({
  ...{ success: found.length === 0, rule, expected: 0, actual: found.length },
  message:
    found.length === 0 ? `all ${judged.length} checks` : found.map(({ title }) => title).join('; '),
  testResults: found.flatMap((verdict) =>
    tests.filter((test) => test.verdict === keyOf(verdict)).map(({ id }) => id),
  ),
});
