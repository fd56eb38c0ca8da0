import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endToEndChecks, selectedChecks, startEndToEnd, type EndToEndRun } from '../src/e2e-run.ts';
import { reportVerdict } from '../src/report/allure-verdict.ts';
import { environmentOf, writeEnvironment } from '../src/report/environment.ts';
import { resultsFolder } from '../src/results-folder.ts';
import { saveRun } from '../src/saved-run.ts';
import type { Verdict } from '../src/verdict.ts';
import { readOptions } from './options.ts';

// One run of the pipeline, all checks side by side; each test waits for the verdict of its check.
const options = readOptions();
const results = resultsFolder(options);
let endToEnd: EndToEndRun | undefined;

beforeAll(async () => {
  try {
    // The reporter prints it as soon as it comes.
    endToEnd = await startEndToEnd(options, (line) => console.error(line));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await mkdir(results.root, { recursive: true });
    await writeFile(results.failure, JSON.stringify({ message }));
    throw error;
  }
  await writeEnvironment(results.allureResults, environmentOf(endToEnd.context));
});

afterAll(async () => {
  if (endToEnd === undefined) return;
  const { context, verdicts } = endToEnd;
  await endToEnd[Symbol.asyncDispose]();
  await saveRun(results.verdicts, {
    deployment: context.deployment.name,
    runId: context.run.runId,
    verdicts: await Promise.all(verdicts.values()),
  });
});

const selected = selectedChecks(options);
for (const scope of ['platform', 'cluster'] as const) {
  const checks = endToEndChecks.filter(
    (check) => check.scope === scope && selected.includes(check),
  );
  describe.runIf(checks.length > 0)(
    scope === 'cluster' ? 'ClickHouse' : 'Airflow and the run',
    () => {
      for (const check of checks) {
        test(check.title, async (context) => {
          const verdict = await endToEnd?.verdicts.get(check.name);
          const plots = (await endToEnd?.plots)?.get(check.name);
          if (endToEnd === undefined || verdict === undefined || plots === undefined) {
            throw new TypeError(`${check.name} was not run`);
          }
          await reportVerdict(check, verdict, endToEnd.context, plots);
          const [skipped] = verdict.findings.filter(({ status }) => status === 'skipped');
          if (verdict.status === 'skipped') context.skip(skipped?.reason ?? 'no reason was given');
          if (verdict.status === 'inconclusive')
            throw new InconclusiveError(describeFindings(verdict));
          expect(verdict.status, describeFindings(verdict)).toBeOneOf(['passed', 'warned']);
        });
      }
    },
  );
}

/** Thrown for a check that could not run; the report keeps it apart from one that found a fault. */
class InconclusiveError extends Error {
  override readonly name = 'InconclusiveError';
}

function describeFindings({ findings }: Verdict): string {
  return findings
    .filter(({ status }) => status === 'failed' || status === 'inconclusive')
    .slice(0, 5)
    .map(({ node, subject, expected, observed, reason }) =>
      [
        [node, subject].filter((part) => part !== undefined).join(' '),
        `  expected: ${expected}`,
        `  observed: ${observed}`,
        ...(reason === undefined ? [] : [`  ${reason}`]),
      ].join('\n'),
    )
    .join('\n');
}
