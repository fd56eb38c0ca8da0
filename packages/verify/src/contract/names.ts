import { z } from 'zod';

/** A name that needs no quotes in SQL. */
export const plainName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected a plain name');

/** A column, or one of a Nested column as `n.k`. */
export const columnName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/, 'expected a plain name');

/** A table, with its database in front where that is not the table's own. */
export const tableReference = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/,
    'expected the name of a table, with or without its database',
  );

/** A value, or `$name` for a parameter of the run. Whole numbers beyond 2^53 are exact. */
export const scalar = z.union([z.string(), z.number(), z.bigint()]);
export type Scalar = z.infer<typeof scalar>;
