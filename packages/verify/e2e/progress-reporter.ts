import type { Reporter, TestCase } from 'vitest/node';

const begin = Date.now();
const elapsed = (): string => `${((Date.now() - begin) / 1000).toFixed(1)} s`.padStart(8);

/** Says what is going on, a line for each check that has ended. */
export default class ProgressReporter implements Reporter {
  onTestRunStart(): void {
    process.stderr.write(`${elapsed()}  running the pipeline\n`);
  }

  onTestCaseResult(test: TestCase): void {
    process.stderr.write(`${elapsed()}  ${test.result().state.padEnd(7)}  ${test.name}\n`);
  }
}
