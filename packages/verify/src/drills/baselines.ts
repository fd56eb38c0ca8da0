import type { Account } from './account.ts';
import type { DrillRun } from './drill-result.ts';
import { KeptBaseline } from './kept-baseline.ts';
import type { Contents } from './pipeline/pipeline-account.ts';
import type { TimelineRecord } from './timeline.ts';

/** A run of the pipeline without a fault, with which runs with one are compared. */
export interface PipelineBaseline {
  readonly account: Account;
  /** What the nodes held after it. */
  readonly contents: Contents;
  readonly timeline: TimelineRecord;
}

/** The workload of writes without a fault: what there is to say of it. */
export type WritesBaseline = Omit<DrillRun, 'baseline'>;

/** Events without a fault: what there is to say of them. */
export type StreamBaseline = Omit<DrillRun, 'baseline'>;

/** What the workloads gave without a fault; drills that are run one after the other share it. */
export class Baselines {
  readonly pipeline = new KeptBaseline<PipelineBaseline>();
  readonly stream = new KeptBaseline<StreamBaseline>();
  /** By what the inserts asked for. */
  readonly writes = {
    quorum: new KeptBaseline<WritesBaseline>(),
    single: new KeptBaseline<WritesBaseline>(),
  };

  /** The next drills measure their own. */
  forget(): void {
    const { quorum, single } = this.writes;
    for (const kept of [this.pipeline, this.stream, quorum, single]) kept.forget();
  }
}
