import { readFile, writeFile } from 'node:fs/promises';
import { verifiedRunSchema } from './run-schema.ts';
import { jsonOf, type VerifiedRun } from './verified-run.ts';

/** Keeps the verdicts of a run beside the platform. */
export const saveRun = (file: string, run: VerifiedRun): Promise<void> =>
  writeFile(file, jsonOf(run));

/** The verdicts of the last run. @throws if there are none or the file was changed */
export async function readRun(file: string): Promise<VerifiedRun> {
  return verifiedRunSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
