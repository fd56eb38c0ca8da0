import { z } from 'zod';
import { ruleSchema } from '../rules/index.ts';
import { columnName, plainName, tableReference } from './names.ts';
import { rowCountSchema } from './row-count.ts';
import { spreadSchema } from './spread.ts';

const types = z.record(columnName, z.string());

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

/** A table that holds rows on each node. */
export const tableSchema = z.strictObject({
  ...named,
  kind: z.literal('table'),
  /** With arguments, as in `ReplacingMergeTree(version)`, or without, when they do not matter. */
  engine: z.union([z.string().min(1), engineByReplication]).optional(),
  ...columns,
  orderBy: z.string().optional(),
  partitionBy: z.string().optional(),
  /** The rows of all shards together. */
  rows: rowCountSchema.optional(),
  rules: z.array(ruleSchema).default([]),
  /** What is shown of the content, for people: rows and a measure by group. */
  statistics: z.strictObject({ groupBy: columnName, measure: columnName }).optional(),
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
  /** By what the rows of the table that it fills are compared with its source: expressions over its columns. */
  bucket: z.union([expression, z.array(expression).min(1)]).optional(),
  /** Which rows are compared. */
  where: expression.optional(),
  /** How columns add up that do not say it themselves: `sum`, `quantilesMerge(0.5)`, or `none`. */
  aggregates: z.record(columnName, aggregateFunction).optional(),
});

/** A dictionary, which reads its values from somewhere. */
export const dictionarySchema = z.strictObject({
  ...named,
  kind: z.literal('dictionary'),
  ...columns,
});

/** The tables of version 1, of which each had to say everything. */
export const version1Tables = z.discriminatedUnion('kind', [
  tableSchema.omit({ database: true }).extend({
    kind: z.literal('local'),
    engine: engineByReplication,
    columns: types,
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
