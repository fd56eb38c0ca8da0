import { z } from 'zod';
import { ruleSchema } from '../rules/index.ts';
import { columnName, plainName, tableReference } from './names.ts';
import { rowCountSchema } from './row-count.ts';
import { spreadSchema } from './spread.ts';

const types = z.record(columnName, z.string());

/** A column of a table that holds rows: its type, or more than that. What is not said is not required. */
const column = z.union([
  z.string(),
  z.strictObject({
    type: z.string().min(1),
    /** As in CODEC(…); without its parameters they do not matter. */
    codec: z.string().optional(),
    ttl: z.string().optional(),
    comment: z.string().optional(),
  }),
]);
const storedColumns = z.record(columnName, column);
/** What follows the name of an index, a constraint or a projection in the definition. */
const declarations = z.record(z.string().min(1), z.string().min(1));

/** Engine by what the cluster can do. */
const engineByReplication = z.strictObject({
  'distributed-writes': z.string(),
  keeper: z.string(),
});

/** What every table has. */
const named = {
  name: plainName,
  /** The deployment's database unless another one is named. */
  database: plainName.optional(),
};

const columns = {
  /** All columns with their types, in order; or some of them. */
  columns: z.union([types, z.strictObject({ atLeast: types })]).optional(),
};

/** What is said of a table that holds rows in both versions. */
const ofRows = {
  orderBy: z.string().optional(),
  partitionBy: z.string().optional(),
  /** The rows of all shards together. */
  rows: rowCountSchema.optional(),
  rules: z.array(ruleSchema).default([]),
  /** What is shown of the content, for people: rows and a measure by group. */
  statistics: z.strictObject({ groupBy: columnName, measure: columnName }).optional(),
};

/** Further parts of a table's definition; of those that are said, what is not listed may not be there. */
export const statedSchema = z.strictObject({
  primaryKey: z.string().optional(),
  sampleBy: z.string().optional(),
  /** The expressions that follow TTL; an empty list for none. */
  ttl: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  /** Settings of the table by what is in force, stated in the definition or not. */
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  indices: declarations.optional(),
  constraints: declarations.optional(),
  projections: declarations.optional(),
  comment: z.string().optional(),
});

/** A table that holds rows on each node. */
export const tableSchema = z.strictObject({
  ...named,
  kind: z.literal('table'),
  /** With arguments, as in `ReplacingMergeTree(version)`, or without, when they do not matter. */
  engine: z.union([z.string().min(1), engineByReplication]).optional(),
  columns: z.union([storedColumns, z.strictObject({ atLeast: storedColumns })]).optional(),
  ...ofRows,
  ...statedSchema.shape,
});

/** A table that spreads rows over the shards. */
export const distributedTableSchema = z.strictObject({
  ...named,
  kind: z.literal('distributed'),
  /** The table that it reads and writes. */
  over: tableReference,
  /** Absent where there is one shard, or rows are written to the local tables alone. */
  shardingKey: z.string().min(1).optional(),
  spread: spreadSchema.optional(),
  /** The rows that each node counts through it. */
  rows: rowCountSchema.optional(),
});

/** A query under a name. */
export const viewSchema = z.strictObject({
  ...named,
  kind: z.literal('view'),
  ...columns,
  select: z.string().min(1).optional(),
});

const expression = z.string().min(1);
const aggregateFunction = z
  .string()
  .regex(/^[A-Za-z]\w*(?:\([^()]*\))?$/, 'expected an aggregate function, or none');

/** A query that fills a table, `to` which it writes or its own, as rows come in. */
export const materializedViewSchema = z.strictObject({
  ...named,
  kind: z.literal('materialized-view'),
  ...columns,
  select: z.string().min(1).optional(),
  to: z.string().min(1).optional(),
  bucket: z
    .union([expression, z.array(expression).min(1)])
    .optional()
    .describe('By what the target is compared with the source: expressions over its columns.'),
  where: expression
    .optional()
    .describe(
      'Which rows of source and target are compared: a condition on columns of the target.',
    ),
  aggregates: z
    .record(columnName, aggregateFunction)
    .optional()
    .describe(
      'How columns add up that do not say it themselves: sum, max, quantilesMerge(0.5), or none.',
    ),
});

/** A dictionary, which reads its values from somewhere. */
export const dictionarySchema = z.strictObject({
  ...named,
  kind: z.literal('dictionary'),
  ...columns,
});

/** The tables of version 1, of which each had to say everything that could be said. */
export const version1Tables = z.discriminatedUnion('kind', [
  z.strictObject({
    ...{ name: plainName, kind: z.literal('local'), engine: engineByReplication, columns: types },
    ...ofRows,
    orderBy: z.string(),
  }),
  distributedTableSchema.omit({ database: true }),
]);

export const version2Tables = z.discriminatedUnion('kind', [
  tableSchema,
  distributedTableSchema,
  viewSchema,
  materializedViewSchema,
  dictionarySchema,
]);
