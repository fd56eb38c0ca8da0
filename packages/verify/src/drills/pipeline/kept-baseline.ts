import type { Account } from '../account.ts';
import type { TimelineRecord } from '../timeline.ts';
import type { Contents } from './pipeline-account.ts';

/** A run of the pipeline without a fault, with which runs with one are compared. */
export interface PipelineBaseline {
  readonly account: Account;
  /** What the nodes held after it. */
  readonly contents: Contents;
  readonly timeline: TimelineRecord;
}

/**
 * Keeps a baseline for several drills, until it is forgotten or the day (UTC) is another one: a pipeline
 * may load what belongs to the date of its run.
 */
export class KeptBaseline {
  readonly #today: () => string;
  #kept: { readonly day: string; readonly baseline: PipelineBaseline } | undefined;

  constructor(today = () => new Date().toISOString().slice(0, 10)) {
    this.#today = today;
  }

  /** The baseline that was kept, or else what `measure` gives. */
  async of(measure: () => Promise<PipelineBaseline>): Promise<PipelineBaseline> {
    const day = this.#today();
    if (this.#kept?.day !== day) this.#kept = { day, baseline: await measure() };
    return this.#kept.baseline;
  }

  /** The next drill measures its own: the platform may no longer be what it was. */
  forget(): void {
    this.#kept = undefined;
  }
}
