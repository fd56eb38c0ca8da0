import { appendFile } from 'node:fs/promises';
import { decidedBy } from '../commands/verdict-table.ts';
import { worstFirst, type Verdict } from '../verdict.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { findingText } from './junit.ts';
import { markdownOf } from './markdown.ts';

/** GitHub shows so many annotations of a kind for a step. */
const MOST_ANNOTATIONS = 10;

/**
 * What GitHub Actions gets of a run besides the job's log: an annotation for each check that failed,
 * could not run or warned, the worst first, as workflow commands
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
 */
export const annotationsOf = ({ verdicts }: VerifiedRun): string[] => [
  ...annotations('error', verdicts, ['failed', 'inconclusive']),
  ...annotations('warning', verdicts, ['warned']),
];

function annotations(
  command: 'error' | 'warning',
  verdicts: readonly Verdict[],
  statuses: readonly Verdict['status'][],
): string[] {
  return verdicts
    .filter(({ status }) => statuses.includes(status))
    .toSorted(worstFirst)
    .slice(0, MOST_ANNOTATIONS)
    .map((verdict) => {
      const { check, title, status, findings } = verdict;
      const [first] = findings.filter((finding) => finding.status === status);
      const text = first === undefined ? decidedBy(verdict) : findingText(first);
      return `::${command} title=${property(`${status}: ${title} (${check})`)}::${data(text)}`;
    });
}

/** Text of a command, escaped as its readers expect (actions/toolkit, packages/core/src/command.ts). */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * In a job of GitHub Actions, writes its summary and annotations; elsewhere nothing. Annotations go to
 * standard error, which is read for commands as well, so that JSON on standard output stays JSON.
 */
export async function tellGithubActions(
  run: VerifiedRun,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  if (environment['GITHUB_ACTIONS'] !== 'true') return;
  for (const line of annotationsOf(run)) process.stderr.write(`${line}\n`);
  const summary = environment['GITHUB_STEP_SUMMARY'];
  if (summary === undefined || summary === '') return;
  try {
    await appendFile(summary, markdownOf(run));
  } catch (error) {
    // The verdicts count, not where they are shown as well.
    process.stderr.write(
      `::warning::${data(`The summary of the job was not written: ${String(error)}`)}\n`,
    );
  }
}
