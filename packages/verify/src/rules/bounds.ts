import type { Scalar } from '../contract/names.ts';

interface Bounds {
  readonly min?: Scalar | undefined;
  readonly max?: Scalar | undefined;
}

/** Where zod puts what is wrong. */
interface Refinement {
  addIssue(issue: { code: 'custom'; path?: PropertyKey[]; message: string }): void;
}

/** Refuses bounds of which neither is given or of which the lower one is the higher. */
export function misplacedBounds({ min, max }: Bounds, context: Refinement): void {
  if (min === undefined && max === undefined) {
    context.addIssue({ code: 'custom', message: 'expected min, max, or both' });
  }
  if (min !== undefined && max !== undefined && isAbove(min, max)) {
    context.addIssue({ code: 'custom', path: ['min'], message: `${min} is above max, ${max}` });
  }
}

/**
 * Whether one value is known to lie above another: numbers by value, days and times as text. Other texts
 * are in the order of their column, which may be one of texts or of numbers.
 */
export function isAbove(left: Scalar, right: Scalar): boolean {
  if ([left, right].some((value) => typeof value === 'string' && value.startsWith('$'))) {
    return false;
  }
  if (typeof left === 'string' && typeof right === 'string') {
    return DAY.test(left) && DAY.test(right) && left > right;
  }
  const numbers = [left, right].map(numberOf);
  const [low, high] = numbers;
  return low !== undefined && high !== undefined && low > high;
}

const DAY = /^\d{4}-\d\d-\d\d/;

function numberOf(value: Scalar): number | bigint | undefined {
  if (typeof value !== 'string') return value;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  return /^-?\d+\.\d+$/.test(value) ? Number(value) : undefined;
}

/** A bound of numbers, which a parameter may give as text. */
export const numeric = (value: Scalar): Scalar => numberOf(value) ?? value;

/** `from 1 to 5`, `at least 1`, `at most 5`. */
export function boundsInWords(min: Scalar | undefined, max: Scalar | undefined): string {
  if (min === undefined) return `at most ${max ?? ''}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}

/** By how much a value lies outside of bounds, and the bound that it passes. */
export function outside(
  value: number,
  min: Scalar | undefined,
  max: Scalar | undefined,
): { readonly broken: number; readonly of: number } {
  if (min !== undefined && value < Number(min)) {
    return { broken: Number(min) - value, of: Number(min) };
  }
  if (max !== undefined && value > Number(max)) {
    return { broken: value - Number(max), of: Number(max) };
  }
  return { broken: 0, of: value };
}
