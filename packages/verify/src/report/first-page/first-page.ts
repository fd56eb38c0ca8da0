import { AREAS, areaOfName } from '../../area.ts';
import { byPipeline } from '../../by-pipeline.ts';
import { formatMilliseconds, renderCounts } from '../../commands/verdict-table.ts';
import { worst, type Status, type Verdict } from '../../verdict.ts';
import type { VerifiedRun } from '../../verified-run.ts';
import { escapeHtml } from '../escape-html.ts';
import { badge } from './badge.ts';
import { notJudged } from './not-judged.ts';
import { rowsTable } from './rows-table.ts';
import { topology } from './topology.ts';
import { judged, type LinkOf } from './verdict-list.ts';
import { worstFindings } from './worst-findings.ts';

/**
 * What somebody reads first who has to decide: the verdict, what it is about, the state of each node,
 * the rows, the worst that was found, what could not be judged, and every verdict by area. It is HTML
 * within an element of the class `provehouse`, for the styles of `style.ts`, and has no script.
 * @param linkOf gives where a check has a page of its own; without it each verdict unfolds here
 */
export function firstPage(run: VerifiedRun, linkOf?: LinkOf): string {
  const { deployment, status, verdicts, durationMs, endedAt } = run;
  const when = `${endedAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `<div class="provehouse">
<h1>${badge(status)} ${escapeHtml(deployment)}</h1>
<p class="said">${said(verdicts)}</p>
<p class="quiet">${renderCounts(verdicts)} · ${when} · ${formatMilliseconds(durationMs)}</p>
${areas(verdicts)}
${topology(run.nodes, verdicts)}
${rowsTable(run)}
${worstFindings(verdicts, linkOf)}
${notJudged(verdicts)}
${byPipeline(verdicts)
  .map(
    ({ pipeline, verdicts: own }) => `<h2>${escapeHtml(pipeline ?? 'All checks')}</h2>
${AREAS.map((area) => judged(area, of(area, own), linkOf)).join('\n')}`,
  )
  .join('\n')}
${notRun(run)}
${factsTable(run.facts)}
</div>`;
}

/** The pipelines that were skipped, and why. */
function notRun({ pipelines = [] }: VerifiedRun): string {
  const skipped = pipelines.filter(({ status }) => status === 'skipped');
  return skipped
    .map(
      ({ pipeline, reason = '' }) =>
        `<h2>${escapeHtml(pipeline)}</h2>\n<p>${badge('skipped')} ${escapeHtml(reason)}</p>`,
    )
    .join('\n');
}

const of = (area: (typeof AREAS)[number], verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ check }) => areaOfName(check) === area);

/** The verdict in words. */
function said(verdicts: readonly Verdict[]): string {
  const count = (status: Status): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  const checks = (number: number): string => `${number} check${number === 1 ? '' : 's'}`;
  const failed = count('failed');
  const unable = count('inconclusive');
  const sentences = [
    ...(failed > 0 ? [`${checks(failed)} failed.`] : []),
    ...(unable > 0 ? [`${checks(unable)} could not run: what they look at is not proven.`] : []),
  ];
  if (sentences.length > 0) return sentences.join(' ');
  if (count('passed') + count('warned') === 0) return 'Nothing was judged.';
  const warned = count('warned');
  return `Everything that was judged is as it must be${warned > 0 ? `; ${checks(warned)} warned` : ''}.`;
}

function areas(verdicts: readonly Verdict[]): string {
  const cards = AREAS.flatMap((area) => {
    const own = of(area, verdicts);
    if (own.length === 0) return [];
    const state = worst(own.map(({ status }) => status));
    return [
      `<div class="card ${state}"><b>${area}</b> ${badge(state)}<br>${renderCounts(own)}</div>`,
    ];
  });
  return `<div class="cards">${cards.join('')}</div>`;
}

function factsTable(facts: VerifiedRun['facts']): string {
  const rows = Object.entries(facts).map(
    ([name, value]) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return rows.length === 0 ? '' : `<h2>What was verified</h2>\n<table>${rows.join('')}</table>`;
}
