import type { Deployment } from '@provehouse/infra';
import { overall } from './check-run.ts';
import { platformFacts } from './report/environment.ts';
import type { Status, Verdict } from './verdict.ts';

/** The verdicts of one run, with what they are about, as the JSON of every command has them. */
export interface VerifiedRun {
  /** Counts up when a field changes its meaning or goes away. */
  readonly formatVersion: 1;
  readonly deployment: string;
  /** The worst of the verdicts. */
  readonly status: Status;
  /** When the last check ended, as ISO 8601 has it. */
  readonly endedAt: string;
  readonly durationMs: number;
  /** The run of the pipeline, if there was one. */
  readonly runId?: string;
  /** What was verified, for people: topology, versions, what it can do. */
  readonly facts: Readonly<Record<string, string>>;
  /** The nodes that were to be judged. */
  readonly nodes: readonly VerifiedNode[];
  readonly verdicts: readonly Verdict[];
  /** The pipelines, where several were run at once. */
  readonly pipelines?: readonly VerifiedPipeline[];
}

/** A pipeline that was run and judged, or skipped. */
export interface VerifiedPipeline {
  readonly pipeline: string;
  /** The worst of its verdicts. */
  readonly status: Status;
  readonly durationMs: number;
  readonly runId?: string;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** A node by its place. */
export interface VerifiedNode {
  readonly name: string;
  readonly shard: string;
  readonly replica: string;
}

/** What a run has beside its verdicts. */
interface RunDetails {
  readonly durationMs: number;
  readonly runId?: string;
  /** What was done on the platform, as facts for people. */
  readonly done?: Readonly<Record<string, string>>;
}

/** A run that ends now. */
export const verifiedRun = (
  deployment: Deployment,
  verdicts: readonly Verdict[],
  { done = {}, ...details }: RunDetails,
): VerifiedRun => ({
  formatVersion: 1,
  ...{ deployment: deployment.name, status: overall(verdicts) },
  endedAt: new Date().toISOString(),
  ...details,
  facts: platformFacts(deployment, done),
  nodes: deployment.clickhouse.nodes.map(({ name, shard, replica }) => ({ name, shard, replica })),
  verdicts,
});

/** A run as JSON. */
export const jsonOf = (run: VerifiedRun): string => `${JSON.stringify(run, null, 2)}\n`;
