import type { JudgedRun } from '../e2e-run.ts';
import { writeCheckResult } from './check-allure.ts';
import { environmentOf, writeEnvironment } from './environment.ts';
import { openResults } from './results-writer.ts';

const NO_PICTURES = { status: 'fulfilled', value: [] } as const;

/** Writes the results of an end-to-end run for Allure into a folder. */
export async function writeRunResults(
  folder: string,
  { context, judged, pictures }: JudgedRun,
): Promise<void> {
  await writeEnvironment(folder, environmentOf(context));
  const allure = openResults(folder);
  for (const { check, verdict, endedAt } of judged) {
    const drawn = pictures.get(check.name) ?? NO_PICTURES;
    writeCheckResult(allure, check, verdict, endedAt, context, drawn);
  }
}
