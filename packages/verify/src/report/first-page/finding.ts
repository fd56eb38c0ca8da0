import type { Evidence, Finding } from '../../verdict.ts';
import { escapeHtml } from '../escape-html.ts';
import { badge } from './badge.ts';

/** More rows than people read are in the JSON. */
const SHOWN_ROWS = 50;

/** A finding with what shows it: rows, how it differs, and the SQL that asks again. */
export function findingHtml(finding: Finding): string {
  const { status, node, subject, expected, observed, difference, reason } = finding;
  const { evidence = [], sql = [] } = finding;
  const about = [subject, node].filter((part) => part !== undefined).join(', ');
  const field = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`;
  return `<div class="finding"><p>${badge(status)} ${escapeHtml(about)}</p>
<dl>${field('expected', expected)}${field('observed', observed)}${field('reason', reason)}</dl>
${difference === undefined ? '' : `<pre>${escapeHtml(difference)}</pre>`}
${evidence.map(evidenceHtml).join('\n')}
${sql.map((statement) => `<pre>${escapeHtml(statement)}</pre>`).join('\n')}</div>`;
}

function evidenceHtml({ title, columns, rows }: Evidence): string {
  const header = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join('');
  const body = rows
    .slice(0, SHOWN_ROWS)
    .map(
      (row) => `<tr>${row.map((value) => `<td>${escapeHtml(String(value))}</td>`).join('')}</tr>`,
    )
    .join('\n');
  const more = rows.length > SHOWN_ROWS ? `<p>and ${rows.length - SHOWN_ROWS} more rows</p>` : '';
  return `<details><summary>${escapeHtml(title)}: ${rows.length} row${rows.length === 1 ? '' : 's'}</summary>
<div class="wide"><table><tr>${header}</tr>
${body}
</table></div>${more}</details>`;
}
