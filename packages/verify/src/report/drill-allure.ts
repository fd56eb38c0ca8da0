import { ContentType, LabelName, Stage, Status as AllureStatus } from 'allure-js-commons';
import type { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import type { DrillResult } from '../drills/drill-result.ts';
import type { Finding } from '../verdict.ts';
import { ALLURE_STATUS, findingTitle } from './allure-verdict.ts';
import type { Picture } from './check-description.ts';
import { evidenceCsv } from './csv.ts';
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
  const worst = findings.find((finding) => finding.status === status);
  const test = allure.startTest({
    ...{ name: `${drill}: ${title}`, fullName: `drill ${drill}`, start, stage: Stage.FINISHED },
    descriptionHtml: drillDescription(result, picture),
    status: ALLURE_STATUS[status],
    statusDetails:
      status === 'passed' || worst === undefined
        ? {}
        : { message: `${findingTitle(worst)}\n${reasonOf(worst)}` },
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

function writeFinding(
  allure: ReporterRuntime,
  test: string,
  finding: Finding,
  start: number,
): void {
  const { status, expected, evidence = [], sql = [] } = finding;
  const step = allure.startStep(test, undefined, {
    ...{ name: findingTitle(finding), status: ALLURE_STATUS[status], start },
    statusDetails:
      ALLURE_STATUS[status] === AllureStatus.PASSED ? {} : { message: reasonOf(finding) },
    parameters: [
      { name: 'expected', value: expected },
      ...(status === 'warned' ? [{ name: 'warned', value: reasonOf(finding) }] : []),
    ],
  });
  if (step === undefined) return;
  const attach = (title: string, text: string, contentType: ContentType): void =>
    allure.writeAttachment(test, step, title, Buffer.from(text), { contentType });
  for (const rows of evidence) attach(rows.title, evidenceCsv(rows), ContentType.CSV);
  for (const statement of sql) attach('SQL that asks again', statement, ContentType.TEXT);
  allure.stopStep(step, { stop: start });
}

const reasonOf = ({ reason, expected }: Finding): string => reason ?? `expected ${expected}`;
