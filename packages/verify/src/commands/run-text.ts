import { byPipeline } from '../by-pipeline.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { renderCounts, renderVerdicts, type Paint } from './verdict-table.ts';

/** A run for people: its verdicts, by pipeline where there are several, with those that were skipped. */
export function renderRun({ verdicts, pipelines }: VerifiedRun, paint: Paint): string {
  if (pipelines === undefined) return renderVerdicts(verdicts, paint);
  const groups = byPipeline(verdicts).map(({ pipeline = '', verdicts: own }) => {
    const untitled = own.map((verdict) => ({
      ...verdict,
      title: verdict.title.replace(`${pipeline}: `, ''),
    }));
    return `${pipeline}\n${renderVerdicts(untitled, paint)}`;
  });
  const lines = pipelines.map(
    ({ pipeline, status, reason }) =>
      `${paint(status, status)}  ${pipeline}${reason === undefined ? '' : `: ${reason}`}`,
  );
  return [...groups, `${lines.join('\n')}\n\n${renderCounts(verdicts)}`].join('\n\n');
}
