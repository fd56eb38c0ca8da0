import type { Area } from '../../area.ts';
import { decidedBy, formatMilliseconds } from '../../commands/verdict-table.ts';
import { worstFirst, type Verdict } from '../../verdict.ts';
import { escapeHtml } from '../escape-html.ts';
import { badge } from './badge.ts';
import { findingHtml } from './finding.ts';

/** Where a verdict has a page of its own, if it has one. */
export type LinkOf = (verdict: Verdict) => string | undefined;

const LONGEST = 90;

/** The verdicts of an area, the worst first: each leads to its own page, or unfolds its findings. */
export function judged(
  area: Area,
  verdicts: readonly Verdict[],
  linkOf: LinkOf | undefined,
): string {
  if (verdicts.length === 0) return '';
  const entries = verdicts.toSorted(worstFirst).map((verdict) => {
    const href = linkOf?.(verdict);
    return href === undefined ? unfolding(verdict) : linked(verdict, href);
  });
  return `<h3>${area}</h3>\n${entries.join('\n')}`;
}

const unfolding = (verdict: Verdict): string =>
  `<details><summary>${line(verdict, escapeHtml(verdict.title))}</summary>
${verdict.findings.toSorted(worstFirst).map(findingHtml).join('\n')}
</details>`;

const linked = (verdict: Verdict, href: string): string =>
  `<p class="verdict">${line(verdict, `<a href="${escapeHtml(href)}">${escapeHtml(verdict.title)}</a>`)}</p>`;

function line(verdict: Verdict, title: string): string {
  const { check, status, durationMs } = verdict;
  // Why something was skipped stands above, once for all that were.
  const text = status === 'skipped' ? '' : decidedBy(verdict);
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  return `${badge(status)} ${title} <small>${escapeHtml(check)}, ${formatMilliseconds(durationMs)}${short && `: ${escapeHtml(short)}`}</small>`;
}
