import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { overall } from './check-run.ts';
import { STATUSES, type Verdict } from './verdict.ts';

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const findingSchema = z.object({
  status: z.enum(STATUSES),
  subject: z.string().exactOptional(),
  node: z.string().exactOptional(),
  expected: z.string(),
  observed: z.string(),
  difference: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  evidence: z
    .array(
      z.object({ title: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }),
    )
    .exactOptional(),
  sql: z.array(z.string()).exactOptional(),
});
const verdictSchema = z.object({
  check: z.string(),
  title: z.string(),
  status: z.enum(STATUSES),
  findings: z.array(findingSchema),
  durationMs: z.number(),
});
const savedRunSchema = z.object({
  deployment: z.string(),
  status: z.enum(STATUSES),
  runId: z.string(),
  verdicts: z.array(verdictSchema),
});

/** The verdicts of a run as they are kept beside the platform. */
export interface SavedRun {
  readonly deployment: string;
  readonly runId: string;
  readonly verdicts: readonly Verdict[];
}

/** Keeps the verdicts of a run. */
export async function saveRun(file: string, run: SavedRun): Promise<void> {
  const text = JSON.stringify({ ...run, status: overall(run.verdicts) }, null, 2);
  await writeFile(file, `${text}\n`);
}

/** The verdicts of the last run. @throws if there are none or the file was changed */
export async function readRun(file: string): Promise<SavedRun> {
  return savedRunSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}
