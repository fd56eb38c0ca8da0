import type { Label, TestResult } from 'allure-js-commons';
import type { LifecycleListener } from 'allure-js-commons/sdk/reporter';
import type { Verdict } from '../verdict.ts';

const DURATION_LABEL = 'checkMilliseconds';

/** Labels on where and by what the suite was run: nothing about the platform, and some name the machine. */
const RUNNER_LABELS = ['framework', 'host', 'language', 'package', 'thread'];

/** The label by which a test tells the listener how long its check took; no report shows it. */
export const durationLabel = ({ durationMs }: Pick<Verdict, 'durationMs'>): Label => ({
  name: DURATION_LABEL,
  value: String(Math.round(durationMs)),
});

/**
 * Makes a result be of the check and not of the test that waited for it: it lasts as long as the check,
 * because checks run side by side, and stands on the report's first page instead of below the folders of
 * the suite's file.
 */
export const resultListener: LifecycleListener = {
  beforeTestResultWrite(result: TestResult) {
    const duration = result.labels.find(({ name }) => name === DURATION_LABEL);
    if (duration !== undefined && result.start !== undefined) {
      result.stop = result.start + Number(duration.value);
    }
    result.labels = result.labels.filter(
      ({ name }) =>
        name !== DURATION_LABEL && !/suite$/i.test(name) && !RUNNER_LABELS.includes(name),
    );
    result.titlePath = [];
  },
};
