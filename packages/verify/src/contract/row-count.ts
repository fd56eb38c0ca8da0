import { z } from 'zod';
import { resolve, type Parameters } from './parameters.ts';

const count = z.union([
  z.int().min(0),
  z.string().regex(/^\$\w+$/, 'expected a whole number or a parameter such as $rows'),
]);

/** How many rows a table must hold: a number, a parameter of the run, or bounds of which one may be left out. */
export const rowCountSchema = z.union([
  count,
  z
    .strictObject({ min: count.optional(), max: count.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, {
      message: 'expected min, max or both',
    })
    .refine(({ min, max }) => typeof min !== 'number' || typeof max !== 'number' || min <= max, {
      message: 'min must not be above max',
    }),
]);

export type RowCount = z.infer<typeof rowCountSchema>;

/** Bounds of a number of rows, which belong to it. */
export interface RowBounds {
  readonly min: number;
  /** `Infinity` without a bound. */
  readonly max: number;
}

/**
 * The bounds that a contract states.
 * @throws UnknownParameterError when it names a parameter that is not known
 * @throws RangeError when a parameter is no whole number
 */
export function rowBounds(rows: RowCount, parameters: Parameters): RowBounds {
  if (typeof rows !== 'object') {
    const exact = countOf(rows, parameters);
    return { min: exact, max: exact };
  }
  return {
    min: rows.min === undefined ? 0 : countOf(rows.min, parameters),
    max: rows.max === undefined ? Infinity : countOf(rows.max, parameters),
  };
}

function countOf(stated: string | number, parameters: Parameters): number {
  const value = Number(resolve(stated, parameters));
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Expected ${stated} to be a whole number of rows, found ${value}.`);
  }
  return value;
}

/** Whether a number of rows is as it must be. */
export const isWithin = ({ min, max }: RowBounds, rows: number): boolean =>
  rows >= min && rows <= max;

/** Bounds as people say them: `100 rows`, `100 … 200 rows`, `at least 100 rows`. */
export function describeBounds({ min, max }: RowBounds): string {
  if (min === max) return `${min} rows`;
  if (max === Infinity) return `at least ${min} rows`;
  return min === 0 ? `at most ${max} rows` : `${min} … ${max} rows`;
}
