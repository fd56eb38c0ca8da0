import type { Deployment } from '@provehouse/infra';
import type { DrillResult } from '../drills/drill-result.ts';
import type { Picture } from './check-description.ts';
import { writeDrillResult } from './drill-allure.ts';
import { platformFacts, writeEnvironment } from './environment.ts';
import { makeHtmlReport, type ReportFolder } from './html-report.ts';
import { drillTimeline } from './plots/drill-timeline.ts';
import { renderPlot } from './plots/render-plot.ts';
import { openResults } from './results-writer.ts';

/**
 * Writes the results of drills for Allure, makes one HTML file of them, a page a drill, and gives its path.
 * @throws ReportError
 */
export async function writeDrillReport(
  folder: ReportFolder,
  deployment: Deployment,
  seed: number,
  results: readonly DrillResult[],
): Promise<string> {
  const facts = platformFacts(deployment, { Seed: String(seed) });
  await writeEnvironment(folder.allureResults, facts);
  const allure = openResults(folder.allureResults);
  for (const result of results) {
    writeDrillResult(allure, result, deployment.clickhouse.cluster, await pictureOf(result));
  }
  return makeHtmlReport(folder);
}

async function pictureOf({ timeline }: DrillResult): Promise<Picture | undefined> {
  if (timeline === undefined) return undefined;
  return { title: 'Timeline', svg: await renderPlot(drillTimeline(timeline)) };
}
