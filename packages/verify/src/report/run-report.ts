import type { JudgedRun } from '../e2e-run.ts';
import { writeCheckResult } from './check-allure.ts';
import { environmentOf, writeEnvironment } from './environment.ts';
import { openResults } from './results-writer.ts';

const NO_PICTURES = { status: 'fulfilled', value: [] } as const;

/**
 * Writes the results of an end-to-end run for Allure into a folder.
 * @param pipeline names the pipeline where others have their results in the same folder
 */
export async function writeRunResults(
  folder: string,
  { context, judged, pictures }: JudgedRun,
  pipeline?: string,
): Promise<void> {
  await writeEnvironment(folder, environmentOf(context));
  const allure = openResults(folder);
  for (const { check, verdict, endedAt } of judged) {
    const drawn = pictures.get(check.name) ?? NO_PICTURES;
    const named = pipeline === undefined ? verdict : { ...verdict, pipeline };
    writeCheckResult(allure, check, named, endedAt, context, drawn);
  }
}
