import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const OF_CHECK = /(\/src\/checks\/[\w-]+)\.integration\.test\.ts$/;
/** Checks of what is worth knowing and no fault by itself: their worst verdict is `warned`. */
const WARNING = ['dropped-duplicates', 'ttl'];

/**
 * Fails a run in which a check's own tests did not see it both pass and fail: a check that nothing makes
 * fail proves nothing. Files of which some tests were left out are not judged.
 */
export class ProvenChecks implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const problems = modules.flatMap(problemsOf);
    if (problems.length === 0) return;
    process.stderr.write(problems.map((problem) => `FAILED ${problem}\n`).join(''));
    process.exitCode = 1;
  }
}

/** What the tests of a check did not show; nothing of tests that failed, which say so themselves. */
function problemsOf(module: TestModule): string[] {
  const file = module.moduleId.replace(OF_CHECK, '$1.ts');
  const check = basename(file, '.ts');
  if (file === module.moduleId || module.state() !== 'passed') return [];
  // Some files have tests of several checks, or of a part of one.
  if (!existsSync(file) || !readFileSync(file, 'utf8').includes(`name: '${check}'`)) return [];
  const tests = [...module.children.allTests()];
  if (tests.some((test) => test.result().state === 'skipped')) return [];
  const verdicts = tests.flatMap((test) => test.meta().verdicts ?? []);
  const seen = new Set(verdicts.filter((one) => one.check === check).map(({ status }) => status));
  return (['passed', WARNING.includes(check) ? 'warned' : 'failed'] as const)
    .filter((status) => !seen.has(status))
    .map((status) => `checks/${check}: its own tests never saw it ${status}`);
}
