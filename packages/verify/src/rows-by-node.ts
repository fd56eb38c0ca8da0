import { z } from 'zod';
import type { Verdict } from './verdict.ts';

/** The title of the evidence with the rows of a table on each node. */
export const ROWS_BY_NODE = 'Rows by shard and replica';

const countedSchema = z.object({
  table: z.string(),
  shard: z.string(),
  replica: z.string(),
  node: z.string(),
  rows: z.number(),
});

/** The rows of a table on a node. */
export type CountedRows = z.infer<typeof countedSchema>;

/** The rows that a run has counted on each node, of every table once, from the evidence that it kept. */
export function rowsByNode(verdicts: readonly Verdict[]): CountedRows[] {
  const kept = verdicts
    .flatMap(({ findings }) => findings)
    .flatMap(({ evidence = [] }) => evidence)
    .filter(({ title }) => title === ROWS_BY_NODE);
  const counted = kept.flatMap(({ columns, rows }) =>
    rows.map((row) =>
      countedSchema.parse(Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
    ),
  );
  return [...new Map(counted.map((one) => [`${one.table} ${one.node}`, one])).values()];
}
