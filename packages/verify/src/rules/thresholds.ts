import { z } from 'zod';
import type { Status } from '../verdict.ts';

const threshold = z.union([
  z.number().min(0),
  z.string().regex(/^\d+(\.\d+)?\s*%$/, 'expected a number of rows or a percentage such as 0.5%'),
]);

/** Above which number or percentage of broken rows a rule warns or fails. */
export const thresholdFields = {
  warn: threshold
    .optional()
    .describe('Broken rows, or a percentage of them such as 0.5%, above which the rule warns.'),
  fail: threshold
    .optional()
    .describe(
      'Broken rows, or a percentage of them, above which the rule fails; 0 unless warn is stated.',
    ),
};

type Threshold = z.infer<typeof threshold>;

export interface Thresholds {
  readonly warn?: Threshold | undefined;
  readonly fail?: Threshold | undefined;
}

/**
 * The verdict on a rule that `broken` of `of` rows break. Without thresholds a single row fails it;
 * with `warn` alone it never fails.
 */
export function judgeThresholds(
  { warn, fail }: Thresholds,
  broken: number,
  of: number,
): Extract<Status, 'passed' | 'warned' | 'failed'> {
  const failsAbove = fail ?? (warn === undefined ? 0 : undefined);
  if (failsAbove !== undefined && exceeds(broken, of, failsAbove)) return 'failed';
  return warn !== undefined && exceeds(broken, of, warn) ? 'warned' : 'passed';
}

function exceeds(broken: number, of: number, limit: Threshold): boolean {
  if (broken <= 0) return false;
  if (typeof limit === 'number') return broken > limit;
  // Of nothing, anything is more than any percentage.
  return of === 0 || (broken / Math.abs(of)) * 100 > percentage(limit);
}

/** Whether `warn` lies above `fail`, so that it could never warn. */
export const neverWarns = ({ warn, fail }: Thresholds): boolean =>
  warn !== undefined &&
  fail !== undefined &&
  typeof warn === typeof fail &&
  percentage(warn) > percentage(fail);

const percentage = (threshold: Threshold): number => Number.parseFloat(String(threshold));

/** The thresholds in words, as a continuation of the rule; nothing when a single row fails it. */
export function thresholdText({ warn, fail }: Thresholds): string {
  const parts = [
    ...(warn === undefined ? [] : [`warns above ${warn}`]),
    ...(fail === undefined ? [] : [`fails above ${fail}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
