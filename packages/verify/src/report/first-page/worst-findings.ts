import { worstFirst, type Verdict } from '../../verdict.ts';
import { escapeHtml } from '../escape-html.ts';
import { findingHtml } from './finding.ts';
import type { LinkOf } from './verdict-list.ts';

/** How many checks, and findings of each, stand on the first page. */
const SHOWN_CHECKS = 5;
const SHOWN_FINDINGS = 3;

/** What is wrong, the worst first, with rows and SQL. */
export function worstFindings(verdicts: readonly Verdict[], linkOf: LinkOf | undefined): string {
  const wrong = verdicts
    .filter(({ status }) => status !== 'passed' && status !== 'skipped')
    .toSorted(worstFirst);
  if (wrong.length === 0) return '';
  const sections = wrong.slice(0, SHOWN_CHECKS).map((verdict) => {
    const { title, status, findings } = verdict;
    const own = findings.filter((finding) => finding.status === status);
    const rest = own.length - SHOWN_FINDINGS;
    const more = rest > 0 ? `<p class="quiet">and ${rest} more findings</p>` : '';
    const href = linkOf?.(verdict);
    const name = escapeHtml(title);
    const heading = href === undefined ? name : `<a href="${escapeHtml(href)}">${name}</a>`;
    return `<h3>${heading}</h3>\n${own.slice(0, SHOWN_FINDINGS).map(findingHtml).join('\n')}${more}`;
  });
  const rest = wrong.length - SHOWN_CHECKS;
  return `<h2>What is wrong</h2>
${sections.join('\n')}${rest > 0 ? `\n<p class="quiet">and ${rest} more checks, below</p>` : ''}`;
}
