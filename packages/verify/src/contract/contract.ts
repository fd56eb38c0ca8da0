import { z } from 'zod';

const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a plain name');
/** A value, or `$name` for a parameter of the run. */
const scalar = z.union([z.string(), z.number()]);

const ruleSchema = z.discriminatedUnion('rule', [
  /** The column holds each whole number from `from` to `to` exactly once. */
  z.strictObject({ rule: z.literal('sequence'), column: identifier, from: scalar, to: scalar }),
  /** The column holds nothing but these values. */
  z.strictObject({
    rule: z.literal('set'),
    column: identifier,
    values: z.array(z.union([z.string(), z.number()])).min(1),
  }),
  /** The column lies between the bounds, which belong to it. */
  z.strictObject({ rule: z.literal('range'), column: identifier, min: scalar, max: scalar }),
  /** The time lies within the days before the start of the day `until`, which itself belongs to it. */
  z.strictObject({
    rule: z.literal('period'),
    column: identifier,
    days: z.int().positive(),
    until: scalar,
  }),
]);

const localTableSchema = z.strictObject({
  name: identifier,
  kind: z.literal('local'),
  /** Engine by what the cluster can do. */
  engine: z.strictObject({ 'distributed-writes': z.string(), keeper: z.string() }),
  columns: z.record(identifier, z.string()),
  orderBy: z.string(),
  partitionBy: z.string().optional(),
  rules: z.array(ruleSchema).default([]),
  /** What is shown of the content, for people: rows and a measure by group. */
  statistics: z.strictObject({ groupBy: identifier, measure: identifier }).optional(),
});

const distributedTableSchema = z.strictObject({
  name: identifier,
  kind: z.literal('distributed'),
  /** The local table that it reads and writes. */
  over: identifier,
  shardingKey: z.string(),
  /** p-values of the chi-square test below which the spread warns or fails. */
  spread: z
    .strictObject({
      warnBelow: z.number().min(0).max(1),
      failBelow: z.number().min(0).max(1),
      fromRows: z.int().min(1),
    })
    .refine(({ warnBelow, failBelow }) => failBelow <= warnBelow, {
      message: 'failBelow must not be above warnBelow',
    }),
});

const connectionSchema = z.strictObject({
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

const pipelineSchema = z.strictObject({
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
  }),
});

/** What must be true of a platform after a pipeline has run; docs/contract.md explains the fields. */
export const contractSchema = z
  .strictObject({
    version: z.literal(1),
    pipeline: pipelineSchema.optional(),
    connections: z.record(z.string(), connectionSchema).default({}),
    tables: z
      .array(z.discriminatedUnion('kind', [localTableSchema, distributedTableSchema]))
      .min(1),
    replicas: z.strictObject({ settleSeconds: z.number().min(0).max(3600) }),
  })
  .superRefine(({ tables, pipeline }, context) => {
    const locals = tables.filter(({ kind }) => kind === 'local').map(({ name }) => name);
    for (const [index, table] of tables.entries()) {
      if (table.kind === 'distributed' && !locals.includes(table.over)) {
        context.addIssue({
          code: 'custom',
          path: ['tables', index, 'over'],
          message: `expected one of the local tables (${locals.join(', ') || 'none'})`,
        });
      }
    }
    for (const [task, before] of Object.entries(pipeline?.tasks ?? {})) {
      for (const [index, name] of before.entries()) {
        if (pipeline?.tasks[name] !== undefined) continue;
        context.addIssue({
          code: 'custom',
          path: ['pipeline', 'tasks', task, index],
          message: `there is no task ${name}`,
        });
      }
    }
  });

export type Contract = z.infer<typeof contractSchema>;
export type LocalTable = z.infer<typeof localTableSchema>;
export type DistributedTable = z.infer<typeof distributedTableSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type ConnectionContract = z.infer<typeof connectionSchema>;

/** The tables that hold rows. */
export const localTables = ({ tables }: Contract): LocalTable[] =>
  tables.filter((table) => table.kind === 'local');

/** The tables that spread rows, each with the local table below it. */
export function distributedTables(
  contract: Contract,
): { readonly table: DistributedTable; readonly local: LocalTable }[] {
  const locals = new Map(localTables(contract).map((table) => [table.name, table]));
  return contract.tables
    .filter((table) => table.kind === 'distributed')
    .flatMap((table) => {
      const local = locals.get(table.over);
      return local ? [{ table, local }] : [];
    });
}
