import { z } from 'zod';
import type { VerifiedRun } from './verified-run.ts';
import { STATUSES } from './verdict.ts';

const status = z.enum(STATUSES).describe('From best to worst; the worst of a run is its own.');
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const findingSchema = z.object({
  status,
  subject: z
    .string()
    .exactOptional()
    .describe('What was looked at, such as a table; none for the whole platform.'),
  node: z.string().exactOptional(),
  expected: z.string(),
  observed: z.string(),
  difference: z
    .string()
    .exactOptional()
    .describe('How what was found differs from what it is compared with, as a unified diff.'),
  reason: z
    .string()
    .exactOptional()
    .describe('Why it was skipped or is inconclusive, or what to do about a failure.'),
  evidence: z
    .array(
      z.object({ title: z.string(), columns: z.array(z.string()), rows: z.array(z.array(cell)) }),
    )
    .exactOptional()
    .describe('Rows that show what was found; their values are in the order of the columns.'),
  sql: z.array(z.string()).exactOptional().describe('Statements that ask again, with any client.'),
});
const verdictSchema = z.object({
  check: z.string().describe('The name of the check, as --only takes it.'),
  title: z.string(),
  status,
  findings: z.array(findingSchema),
  durationMs: z.number(),
  pipeline: z
    .string()
    .exactOptional()
    .describe('The pipeline that it is about, where several were run at once.'),
});
const pipelineSchema = z.object({
  pipeline: z.string().describe('Its DAG.'),
  status,
  durationMs: z.number(),
  runId: z.string().exactOptional(),
  reason: z.string().exactOptional().describe('Why it was skipped.'),
});

/** What a file with a run must be. */
export const verifiedRunSchema: z.ZodType<VerifiedRun> = z.object({
  formatVersion: z.literal(1).describe('Counts up when a field changes its meaning or goes away.'),
  deployment: z.string(),
  status,
  endedAt: z.iso.datetime().describe('When the last check ended.'),
  durationMs: z.number(),
  runId: z.string().exactOptional().describe('The run of the pipeline, if there was one.'),
  facts: z.record(z.string(), z.string()).describe('What was verified, for people.'),
  nodes: z
    .array(z.object({ name: z.string(), shard: z.string(), replica: z.string() }))
    .describe('The nodes that were to be judged.'),
  verdicts: z.array(verdictSchema),
  pipelines: z
    .array(pipelineSchema)
    .exactOptional()
    .describe('The pipelines, where several were run at once (verify:e2e --all-pipelines).'),
});

/** What a run that was written as JSON looks like, as a JSON Schema (draft 2020-12). */
export const verifiedRunJsonSchema = (): object => ({
  title: 'The verdicts of a run of Provehouse',
  // What is read: fields that come later do not break who reads by it.
  ...z.toJSONSchema(verifiedRunSchema, { io: 'input' }),
});
