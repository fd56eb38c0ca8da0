import { ContentType, Status as AllureStatus } from 'allure-js-commons';
import type { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import type { Finding, Status } from '../verdict.ts';
import { evidenceCsv } from './csv.ts';

/** What a status is in Allure's words. */
export const ALLURE_STATUS = {
  passed: AllureStatus.PASSED,
  warned: AllureStatus.PASSED,
  skipped: AllureStatus.SKIPPED,
  inconclusive: AllureStatus.BROKEN,
  failed: AllureStatus.FAILED,
} as const satisfies Record<Status, AllureStatus>;

/** A finding as one line: where, and what was seen there. */
export function findingTitle({ node, subject, observed }: Finding): string {
  const where = [node, subject].filter((part) => part !== undefined).join(' · ');
  return `${where === '' ? '' : `${where}: `}${observed}`;
}

/** Why a finding is as it is, or at least what was expected. */
export const reasonOf = ({ reason, expected }: Finding): string => reason ?? `expected ${expected}`;

/**
 * What Allure shows of a result at first sight: the worst finding, and nothing of one that is as it must
 * be.
 */
export function statusDetailsOf(
  status: Status,
  findings: readonly Finding[],
): { readonly message?: string } {
  const worst = findings.find((finding) => finding.status === status);
  if (worst === undefined || ALLURE_STATUS[status] === AllureStatus.PASSED) return {};
  if (status === 'skipped') return { message: reasonOf(worst) };
  return { message: `${findingTitle(worst)}\n${reasonOf(worst)}` };
}

/**
 * Adds a finding to a result of Allure: a step with its evidence and the SQL that asks again.
 * @param test the result's id, as `ReporterRuntime.startTest` gave it
 * @param at when it was found, in milliseconds since 1970
 */
export function writeFinding(
  allure: ReporterRuntime,
  test: string,
  finding: Finding,
  at: number,
): void {
  const { status, expected, difference, evidence = [], sql = [] } = finding;
  const step = allure.startStep(test, undefined, {
    ...{ name: findingTitle(finding), status: ALLURE_STATUS[status], start: at },
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
  if (difference !== undefined) attach('Difference', difference, ContentType.TEXT);
  for (const rows of evidence) attach(rows.title, evidenceCsv(rows), ContentType.CSV);
  for (const statement of sql) attach('SQL that asks again', statement, ContentType.TEXT);
  allure.stopStep(step, { stop: at });
}
