import { ContentType, LabelName, Stage } from 'allure-js-commons';
import type { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import type { DrillResult } from '../drills/drill-result.ts';
import { ALLURE_STATUS, statusDetailsOf, writeFinding } from './allure-finding.ts';
import type { Picture } from './check-description.ts';
import { drillDescription } from './drill-description.ts';

/** Writes a drill as a result of Allure: its page, and a step a finding. */
export function writeDrillResult(
  allure: ReporterRuntime,
  result: DrillResult,
  cluster: string,
  picture: Picture | undefined,
): void {
  const { drill, title, status, findings } = result;
  const start = Date.parse(result.startedAt);
  const stop = start + Math.round(result.durationSeconds * 1000);
  const test = allure.startTest({
    ...{ name: `${drill}: ${title}`, fullName: `drill ${drill}`, start, stage: Stage.FINISHED },
    descriptionHtml: drillDescription(result, picture),
    status: ALLURE_STATUS[status],
    statusDetails: statusDetailsOf(status, findings),
    labels: [
      { name: LabelName.EPIC, value: cluster },
      { name: LabelName.FEATURE, value: 'Drills' },
      { name: LabelName.STORY, value: title },
      { name: LabelName.SEVERITY, value: 'critical' },
      { name: LabelName.TAG, value: drill },
      ...(status === 'warned' ? [{ name: LabelName.TAG, value: 'warned' }] : []),
    ],
  });
  if (picture) {
    allure.writeAttachment(test, undefined, picture.title, Buffer.from(picture.svg), {
      contentType: ContentType.SVG,
      fileExtension: 'svg',
    });
  }
  for (const finding of findings) writeFinding(allure, test, finding, start);
  allure.stopTest(test, { stop });
  allure.writeTest(test);
}
