import { formatMilliseconds, renderCounts } from '../commands/verdict-table.ts';
import { escapeHtml } from '../report/check-description.ts';
import { STATUSES, worst, type Evidence, type Finding, type Verdict } from '../verdict.ts';
import type { VerifiedNode, VerifiedRun } from './outputs.ts';

/**
 * Verdicts as one page that needs no other file and no script: the verdict of the run, the nodes by
 * shard and replica, what is wrong with what shows it, then everything that was judged.
 */
export function htmlOf(run: VerifiedRun, now: Date): string {
  const { deployment, status, verdicts, nodes, durationMs } = run;
  const bad = verdicts.filter(({ status: own }) => own !== 'passed' && own !== 'skipped');
  const rest = verdicts.filter((verdict) => !bad.includes(verdict));
  const when = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(deployment)}: ${status}</title>
<style>${STYLE}</style>
</head>
<body>
<h1><span class="badge ${status}">${status}</span> ${escapeHtml(deployment)}</h1>
<p>${renderCounts(verdicts)} · ${when} · ${formatMilliseconds(durationMs)}</p>
${topology(nodes, verdicts)}
${bad.length === 0 ? '' : `<h2>What is wrong</h2>\n${bad.toSorted(bySeverity).map(section).join('\n')}`}
<h2>${bad.length === 0 ? 'What was judged' : 'Everything else'}</h2>
${rest.map(section).join('\n')}
</body>
</html>
`;
}

const bySeverity = (left: Verdict, right: Verdict): number =>
  STATUSES.indexOf(right.status) - STATUSES.indexOf(left.status);

/** The nodes, a row for each shard; each has the worst that was found on it. */
function topology(nodes: readonly VerifiedNode[], verdicts: readonly Verdict[]): string {
  const findings = verdicts.flatMap((verdict) => verdict.findings);
  const cell = ({ name, replica }: VerifiedNode): string => {
    const own = findings.filter(({ node }) => node === name).map(({ status }) => status);
    const state = own.length === 0 ? 'passed' : worst(own);
    return `<td class="${state}"><b>${escapeHtml(name)}</b><br>replica ${escapeHtml(replica)}<br>${state}</td>`;
  };
  const rows = [...Map.groupBy(nodes, ({ shard }) => shard)].map(
    ([shard, of]) => `<tr><th>shard ${escapeHtml(shard)}</th>${of.map(cell).join('')}</tr>`,
  );
  return `<table class="topology">\n${rows.join('\n')}\n</table>`;
}

function section({ check, title, status, findings, durationMs }: Verdict): string {
  const open = status === 'failed' || status === 'inconclusive' ? ' open' : '';
  return `<details${open}>
<summary><span class="badge ${status}">${status}</span> ${escapeHtml(title)} <small>${escapeHtml(check)}, ${formatMilliseconds(durationMs)}</small></summary>
${findings.toSorted(bySeverityOfFindings).map(findingHtml).join('\n')}
</details>`;
}

const bySeverityOfFindings = (left: Finding, right: Finding): number =>
  STATUSES.indexOf(right.status) - STATUSES.indexOf(left.status);

function findingHtml(finding: Finding): string {
  const { status, node, subject, expected, observed, difference, reason, evidence, sql } = finding;
  const about = [subject, node].filter((part) => part !== undefined).join(', ');
  const field = (name: string, text: string | undefined): string =>
    text === undefined ? '' : `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>`;
  return `<div class="finding"><p><span class="badge ${status}">${status}</span> ${escapeHtml(about)}</p>
<dl>${field('expected', expected)}${field('observed', observed)}${field('reason', reason)}</dl>
${difference === undefined ? '' : `<pre>${escapeHtml(difference)}</pre>`}
${(evidence ?? []).map(evidenceHtml).join('\n')}
${(sql ?? []).map((statement) => `<pre>${escapeHtml(statement)}</pre>`).join('\n')}</div>`;
}

/** More rows than people read are in the JSON. */
const SHOWN_ROWS = 50;

function evidenceHtml({ title, columns, rows }: Evidence): string {
  const header = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join('');
  const body = rows
    .slice(0, SHOWN_ROWS)
    .map(
      (row) => `<tr>${row.map((value) => `<td>${escapeHtml(String(value))}</td>`).join('')}</tr>`,
    )
    .join('\n');
  const more = rows.length > SHOWN_ROWS ? `<p>and ${rows.length - SHOWN_ROWS} more rows</p>` : '';
  return `<details><summary>${escapeHtml(title)}, ${rows.length} rows</summary>
<table><tr>${header}</tr>
${body}
</table>${more}</details>`;
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1000px; margin: 2rem auto; padding: 0 1rem; color: #1c2127; }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2rem }
.badge { font-size: .75em; padding: .1em .5em; border-radius: .3em; color: #fff; background: #6b7280 }
.badge.passed { background: #15803d } .badge.failed { background: #b91c1c }
.badge.warned, .badge.inconclusive { background: #b45309 }
td.passed { background: #e9f7ee } td.failed { background: #fde8e8 } td.skipped { background: #f1f2f4 }
td.warned, td.inconclusive { background: #fdf1dd }
table { border-collapse: collapse; margin: .6rem 0; font-size: .92em } td, th { border: 1px solid #d5d9de; padding: .3rem .6rem; text-align: left; vertical-align: top }
details { border-top: 1px solid #e3e6ea; padding: .35rem 0 } summary { cursor: pointer } small { color: #6b7280 }
.finding { margin: .5rem 0 .5rem 1.2rem } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0 } dt { color: #6b7280 } dd { margin: 0 }
pre { background: #f5f6f8; padding: .5rem .7rem; overflow-x: auto; white-space: pre-wrap; font-size: .88em }
@media (prefers-color-scheme: dark) { body { background: #14171a; color: #e4e7ea } pre { background: #1e2226 } td, th { border-color: #3a4047 } td.passed { background: #10301c } td.failed { background: #3f1515 } td.warned, td.inconclusive { background: #3b2a0c } td.skipped { background: #23272b } }
`;
