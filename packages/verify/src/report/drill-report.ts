import type { Deployment } from '@provehouse/infra';
import type { DrillResult } from '../drills/drill-result.ts';
import type { DrillsFolder } from '../drills/drills-folder.ts';

export async function writeDrillReport(
  folder: DrillsFolder,
  deployment: Deployment,
  seed: number,
  results: readonly DrillResult[],
): Promise<string> {
  return Promise.resolve(folder.report + deployment.name + String(seed) + String(results.length));
}
