import { AREAS, areaOfName } from '../area.ts';
import { byPipeline } from '../by-pipeline.ts';
import { decidedBy, renderCounts } from '../commands/verdict-table.ts';
import { worstFirst, type Verdict } from '../verdict.ts';
import type { VerifiedRun } from '../verified-run.ts';
import { findingText } from './junit.ts';

/**
 * How much is shown of one check: a fault of the whole cluster repeats on every node, and the summary
 * of a job may have 1 MiB. All of it is in the JSON.
 */
const SHOWN_FINDINGS = 5;
const LONGEST_FINDING = 2000;
const LONGEST_CELL = 200;

/** Verdicts as Markdown: what is wrong first, with what shows it, and a table of all by area. */
export function markdownOf({ deployment, status, verdicts, pipelines = [] }: VerifiedRun): string {
  const wrong = verdicts.filter(({ status: own }) => own !== 'passed' && own !== 'skipped');
  return [
    `# ${inline(deployment)}: ${status}`,
    '',
    renderCounts(verdicts),
    '',
    ...wrong.toSorted(worstFirst).flatMap(section),
    ...byPipeline(verdicts).flatMap(({ pipeline, verdicts: own }) => tables(own, pipeline)),
    ...pipelines.flatMap(({ pipeline, reason }) =>
      reason === undefined ? [] : [`## ${inline(pipeline)}: skipped`, '', inline(reason), ''],
    ),
  ].join('\n');
}

/** A table for each area, of one pipeline where there are several. */
const tables = (verdicts: readonly Verdict[], pipeline: string | undefined): string[] =>
  AREAS.flatMap((area) => {
    const own = verdicts.filter(({ check }) => areaOfName(check) === area);
    if (own.length === 0) return [];
    const heading = ['| verdict | check | observed |', '|---|---|---|'];
    const about = pipeline === undefined ? area : `${inline(pipeline)}: ${area}`;
    return [`## ${about}`, '', ...heading, ...own.map(row), ''];
  });

function section({ title, status, findings }: Verdict): string[] {
  const shown = findings.filter((finding) => finding.status === status);
  const rest = shown.length - SHOWN_FINDINGS;
  return [
    `## ${status}: ${inline(title)}`,
    '',
    ...shown
      .slice(0, SHOWN_FINDINGS)
      .flatMap((finding) => [...block(shorten(findingText(finding), LONGEST_FINDING)), '']),
    ...(rest > 0 ? [`and ${rest} more`, ''] : []),
  ];
}

/** A block of code, whose fence is longer than any within. */
function block(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text, fence];
}

const row = (verdict: Verdict): string =>
  `| ${verdict.status} | ${inline(verdict.title)} (\`${verdict.check}\`) | ${inline(shorten(decidedBy(verdict), LONGEST_CELL))} |`;

const shorten = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

/** Text on one line that is neither a cell's end nor markup. */
const inline = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll(/[\\|*_`<[]/g, '\\$&');
