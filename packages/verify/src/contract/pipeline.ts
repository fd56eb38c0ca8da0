import type { Module } from '@provehouse/infra';
import { z } from 'zod';

/** The modules of a platform that a pipeline may need. */
const MODULES = ['kafka', 'api', 'storage'] as const satisfies readonly Module[];

/** An Airflow connection. */
export const connectionSchema = z.strictObject({
  type: z.string(),
  endpoint: z
    .enum(['clickhouse', 'kafka', 'api', 'storage'])
    .optional()
    .describe(
      "`clickhouse`: host and HTTP port are those of the deployment's first node. `kafka`: where the platform has a broker, `extra` leads to it. `api`: where it has the API, host and port are its own, and there is a password. `storage`: where it has a bucket, login and `extra` lead to it, and there is a password.",
    ),
  login: z.string().optional().describe('The secret field that has the login.'),
  schema: z.string().optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
  onlyWith: z.string().optional().describe('The connection exists exactly when this secret does.'),
});

/** The DAG that fills the tables. */
export const pipelineSchema = z.strictObject({
  dag: z.string().min(1),
  modules: z
    .array(z.enum(MODULES))
    .optional()
    .describe('The modules that a platform must have for it; see infra:up --with.'),
  tags: z.array(z.string()),
  schedule: z.string().nullable(),
  catchup: z.boolean(),
  retries: z.int().min(0),
  tasks: z
    .record(z.string(), z.array(z.string()))
    .describe('Each task with the tasks that come before it.'),
  conf: z.record(z.string(), z.unknown()),
  /** The task whose return value says what was loaded, and its fields. */
  statistics: z.strictObject({
    task: z.string(),
    rows: z.string(),
    total: z.string(),
    categories: z.string(),
    partitions: z.string(),
    nodes: z.string(),
    generated: z
      .string()
      .optional()
      .describe('What was counted while the rows were made, in the format of docs/contract.md.'),
  }),
  parameters: z
    .array(z.string())
    .optional()
    .describe('Further fields of that value that rules name as `$name`.'),
});

export type ConnectionContract = z.infer<typeof connectionSchema>;
