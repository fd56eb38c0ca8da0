import * as allure from 'allure-js-commons';
import { ContentType, Status as AllureStatus } from 'allure-js-commons';
import type { Check, PlatformContext } from '../check.ts';
import { runOutcome } from '../checks/run-outcome.ts';
import type { Finding, Status, Verdict } from '../verdict.ts';
import { checkDescription, type Picture } from './check-description.ts';
import { evidenceCsv } from './csv.ts';
import { renderPlot } from './plots/render-plot.ts';
import { durationLabel } from './result-listener.ts';
import type { AskedPlots } from './run-plots.ts';

/** What a status is in Allure's words. */
export const ALLURE_STATUS = {
  passed: AllureStatus.PASSED,
  warned: AllureStatus.PASSED,
  skipped: AllureStatus.SKIPPED,
  inconclusive: AllureStatus.BROKEN,
  failed: AllureStatus.FAILED,
} as const satisfies Record<Status, AllureStatus>;

/** Adds a verdict to Allure's result of the running test: labels, a step a finding, attachments. */
export async function reportVerdict(
  check: Check,
  verdict: Verdict,
  context: PlatformContext,
  plots: AskedPlots,
): Promise<void> {
  await allure.epic(context.contract.pipeline?.dag ?? context.deployment.clickhouse.cluster);
  await allure.feature(check.scope === 'cluster' ? 'ClickHouse' : 'Airflow and the run');
  await allure.story(check.title);
  await allure.severity(check.critical ? 'critical' : 'normal');
  await allure.labels(durationLabel(verdict));
  await allure.tags(check.name, ...(verdict.status === 'warned' ? ['warned'] : []));
  const pictures = await draw(plots);
  await allure.descriptionHtml(checkDescription(check, pictures));
  for (const { title, svg } of pictures) {
    await allure.attachment(title, svg, {
      contentType: ContentType.SVG,
      fileExtension: 'svg',
    });
  }
  for (const finding of verdict.findings) await reportFinding(finding);
  if (check.name === runOutcome.name) await attachLogs(context);
}

/** Draws pictures. What they show may be just what is broken: the verdict is reported all the same. */
async function draw(plots: AskedPlots): Promise<readonly Picture[]> {
  if (plots.status === 'rejected') {
    await allure.attachment('No picture could be drawn', String(plots.reason), ContentType.TEXT);
    return [];
  }
  return Promise.all(
    plots.value.map(async ({ title, plot }) => ({ title, svg: await renderPlot(plot) })),
  );
}

/** A finding as one line: where, and what was seen there. */
export function findingTitle({ node, subject, observed }: Finding): string {
  const where = [node, subject].filter((part) => part !== undefined).join(' · ');
  return `${where === '' ? '' : `${where}: `}${observed}`;
}

async function reportFinding(finding: Finding): Promise<void> {
  const { status, expected, observed, difference, reason, evidence = [], sql = [] } = finding;
  const failure =
    ALLURE_STATUS[status] === AllureStatus.PASSED ? undefined : new Error(reason ?? observed);
  await allure.step(findingTitle(finding), async (step) => {
    await step.parameter('expected', expected);
    if (status === 'warned') await step.parameter('warned', reason ?? 'below the threshold');
    if (difference !== undefined) {
      await allure.attachment('Difference', difference, ContentType.TEXT);
    }
    for (const rows of evidence) {
      await allure.attachment(rows.title, evidenceCsv(rows), ContentType.CSV);
    }
    for (const statement of sql) {
      await allure.attachment('SQL that asks again', statement, ContentType.TEXT);
    }
    if (failure !== undefined)
      await allure.logStep(reason ?? `expected ${expected}`, ALLURE_STATUS[status], failure);
  });
}

async function attachLogs({ run }: PlatformContext): Promise<void> {
  for (const { taskId, tryNumber, log } of run.tasks) {
    if (log !== '') {
      await allure.attachment(`Log of ${taskId}, try ${tryNumber}`, log, ContentType.TEXT);
    }
  }
}
