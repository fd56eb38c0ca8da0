import { ContentType, LabelName, Stage } from 'allure-js-commons';
import type { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import { areaOf } from '../area.ts';
import type { Check, PlatformContext } from '../check.ts';
import { keyOf } from '../by-pipeline.ts';
import { runOutcome } from '../checks/run-outcome.ts';
import type { Verdict } from '../verdict.ts';
import { ALLURE_STATUS, statusDetailsOf, writeFinding } from './allure-finding.ts';
import { checkDescription, type Picture } from './check-description.ts';

/** The pictures of a check, or why they could not be drawn. */
export type DrawnPictures = PromiseSettledResult<readonly Picture[]>;

/** By what the result of a check is known in Allure; of several pipelines each has its own. */
export const fullNameOf = (verdict: Pick<Verdict, 'check' | 'pipeline'>): string =>
  `check ${keyOf(verdict)}`;

/**
 * Writes a verdict as a result of Allure: labels, pictures, and a step a finding.
 * @param stop when the check ended, in milliseconds since 1970
 */
export function writeCheckResult(
  allure: ReporterRuntime,
  check: Check,
  { check: name, title, status, findings, durationMs, pipeline }: Verdict,
  stop: number,
  { deployment, contract, run }: PlatformContext,
  drawn: DrawnPictures,
): void {
  const pictures = drawn.status === 'fulfilled' ? drawn.value : [];
  const start = stop - Math.round(durationMs);
  const test = allure.startTest({
    ...{ name: title, start, stage: Stage.FINISHED },
    fullName: fullNameOf({ check: name, ...(pipeline !== undefined && { pipeline }) }),
    descriptionHtml: checkDescription(check, pictures),
    status: ALLURE_STATUS[status],
    statusDetails: statusDetailsOf(status, findings),
    labels: [
      { name: LabelName.EPIC, value: contract.pipeline?.dag ?? deployment.clickhouse.cluster },
      { name: LabelName.FEATURE, value: areaOf(check) },
      { name: LabelName.STORY, value: check.title },
      { name: LabelName.SEVERITY, value: check.critical ? 'critical' : 'normal' },
      { name: LabelName.TAG, value: check.name },
      ...(status === 'warned' ? [{ name: LabelName.TAG, value: 'warned' }] : []),
    ],
  });
  const attach = (title: string, content: string, contentType: ContentType): void =>
    allure.writeAttachment(test, undefined, title, Buffer.from(content), {
      contentType,
      ...(contentType === ContentType.SVG && { fileExtension: 'svg' }),
    });
  for (const { title, svg } of pictures) attach(title, svg, ContentType.SVG);
  if (drawn.status === 'rejected') {
    attach('No picture could be drawn', String(drawn.reason), ContentType.TEXT);
  }
  for (const finding of findings) writeFinding(allure, test, finding, start);
  if (check.name === runOutcome.name) {
    for (const { taskId, tryNumber, log } of run.tasks) {
      if (log !== '') attach(`Log of ${taskId}, try ${tryNumber}`, log, ContentType.TEXT);
    }
  }
  allure.stopTest(test, { stop });
  allure.writeTest(test);
}
