import type { View } from '../contract/contract.ts';

/** A materialized view of a contract. */
export type MaterializedView = Extract<View, { kind: 'materialized-view' }>;

/** One whose target is compared with its source. */
export type FilledView = MaterializedView & {
  readonly to: string;
  readonly bucket: string | readonly string[];
};

/** Whether the contract says by what the view's target is compared with its source. */
export const isFilled = (view: MaterializedView): view is FilledView =>
  view.to !== undefined && view.bucket !== undefined;
