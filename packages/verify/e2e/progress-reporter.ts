import type { UserConsoleLog } from 'vitest';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

const begin = Date.now();
const elapsed = (): string => `${((Date.now() - begin) / 1000).toFixed(1)} s`.padStart(8);

/** Says what is going on, a line for each check that has ended, and why the suite could not run. */
export default class ProgressReporter implements Reporter {
  onTestRunStart(): void {
    process.stderr.write(`${elapsed()}  running the pipeline\n`);
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    for (const line of content.trimEnd().split('\n'))
      process.stderr.write(`${elapsed()}  ${line}\n`);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const errors = [...modules.flatMap((module) => module.errors()), ...unhandled];
    for (const { message } of errors) process.stderr.write(`${elapsed()}  ${message}\n`);
  }

  onTestCaseResult(test: TestCase): void {
    process.stderr.write(`${elapsed()}  ${test.result().state.padEnd(7)}  ${test.name}\n`);
  }
}
