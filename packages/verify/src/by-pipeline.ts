import type { Verdict } from './verdict.ts';

/** Verdicts that are about one pipeline, or about none in particular. */
export interface PipelineVerdicts {
  readonly pipeline?: string;
  readonly verdicts: readonly Verdict[];
}

/** The verdicts by the pipeline that they name, in the order in which these come; all in one group where none is named. */
export const byPipeline = (verdicts: readonly Verdict[]): readonly PipelineVerdicts[] =>
  [...Map.groupBy(verdicts, ({ pipeline }) => pipeline)].map(([pipeline, own]) => ({
    ...(pipeline !== undefined && { pipeline }),
    verdicts: own,
  }));

/** What tells a verdict from all others of a run. */
export const keyOf = ({ check, pipeline }: Pick<Verdict, 'check' | 'pipeline'>): string =>
  pipeline === undefined ? check : `${check} of ${pipeline}`;
