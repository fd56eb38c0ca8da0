import { z } from 'zod';

/** An Airflow connection. */
export const connectionSchema = z.strictObject({
  type: z.string(),
  /** `clickhouse`: host and HTTP port are those of the deployment's first node. */
  endpoint: z.literal('clickhouse').optional(),
  /** The secret field that has the login. */
  login: z.string().optional(),
  schema: z.string().optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
  /** The connection exists exactly when this secret does. */
  onlyWith: z.string().optional(),
});

/** The DAG that fills the tables. */
export const pipelineSchema = z.strictObject({
  dag: z.string().min(1),
  tags: z.array(z.string()),
  schedule: z.string().nullable(),
  catchup: z.boolean(),
  retries: z.int().min(0),
  /** Each task with the tasks that come before it. */
  tasks: z.record(z.string(), z.array(z.string())),
  conf: z.record(z.string(), z.unknown()),
  /** The task whose return value says what was loaded, and its fields. */
  statistics: z.strictObject({
    task: z.string(),
    rows: z.string(),
    total: z.string(),
    categories: z.string(),
    partitions: z.string(),
    nodes: z.string(),
    /** What was counted while the rows were made, in the format of docs/contract.md. */
    generated: z.string().optional(),
  }),
  /** Further fields of that value that rules name as `$name`. */
  parameters: z.array(z.string()).optional(),
});

export type ConnectionContract = z.infer<typeof connectionSchema>;
