import { XMLBuilder } from 'fast-xml-parser';
import { byPipeline } from '../by-pipeline.ts';
import type { Finding, Verdict } from '../verdict.ts';
import type { VerifiedRun } from '../verified-run.ts';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: '$',
  format: true,
  suppressEmptyNode: true,
});

/**
 * Verdicts as JUnit's XML, as Jenkins, GitLab and GitHub read it: a test case for each check. What
 * could not run is an error, what warned has its findings as its output
 * (https://github.com/testmoapp/junitxml).
 */
export function junitOf({ deployment, durationMs, verdicts }: VerifiedRun): string {
  const numbers = { ...countsOf(verdicts), time: seconds(durationMs) };
  const suites = byPipeline(verdicts).map(({ pipeline, verdicts: own }) => ({
    $:
      pipeline === undefined
        ? { name: deployment, ...numbers }
        : { name: `${deployment}: ${pipeline}`, ...countsOf(own) },
    testcase: own.map(testCase),
  }));
  return builder.build({
    '?xml': { $: { version: '1.0', encoding: 'UTF-8' } },
    testsuites: {
      $: { name: 'provehouse', ...numbers },
      testsuite: suites,
    },
  });
}

function countsOf(verdicts: readonly Verdict[]): Record<string, number> {
  const count = (status: Verdict['status']): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  return {
    tests: verdicts.length,
    failures: count('failed'),
    errors: count('inconclusive'),
    skipped: count('skipped'),
  };
}

function testCase({ check, title, status, findings, durationMs }: Verdict): object {
  const attributes = { name: title, classname: check, time: seconds(durationMs) };
  const worst = findings.filter((finding) => finding.status === status);
  const said = worst.map(findingText).join('\n\n');
  const [first] = worst;
  const outcome = { $: { message: first?.observed ?? '' }, '#text': said };
  return {
    $: attributes,
    ...(status === 'failed' && { failure: outcome }),
    ...(status === 'inconclusive' && { error: outcome }),
    ...(status === 'skipped' && { skipped: { $: { message: first?.reason ?? '' } } }),
    ...(status === 'warned' && { 'system-out': said }),
  };
}

/** A finding as lines of text. */
export const findingText = ({
  node,
  subject,
  expected,
  observed,
  reason,
  sql = [],
}: Finding): string =>
  [
    [subject, node].filter((part) => part !== undefined).join(', '),
    `expected: ${expected}`,
    `observed: ${observed}`,
    ...(reason === undefined ? [] : [`reason: ${reason}`]),
    ...sql.map((statement) => `SQL: ${statement}`),
  ]
    .filter((line) => line !== '')
    .join('\n');

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
