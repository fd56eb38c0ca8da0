import type { Account } from '../drills/account.ts';
import type { DrillResult } from '../drills/drill-result.ts';
import type { Schedule } from '../drills/schedule.ts';
import { findingTitle } from './allure-finding.ts';
import { pictureHtml, type Picture } from './check-description.ts';
import { escapeHtml } from './escape-html.ts';

/** What a drill has shown, as HTML: the verdict, the account, the timeline, and what it does not prove. */
export function drillDescription(result: DrillResult, picture: Picture | undefined): string {
  const { drill, proves, doesNotProve, account, baseline, recoverySeconds, schedule } = result;
  const { guarantee } = result;
  return [
    `<p><strong>${escapeHtml(verdictLine(result))}</strong></p>`,
    ...(account && baseline ? [accountTable(account, baseline)] : []),
    ...(recoverySeconds === undefined
      ? []
      : [`<p>Recovered ${recoverySeconds.toFixed(1)} s after the fault was lifted.</p>`]),
    ...(picture ? [pictureHtml(picture)] : []),
    ...(guarantee ? [`<p>Guarantee: ${GUARANTEE[guarantee]}.</p>`] : []),
    `<p>Proves: ${escapeHtml(proves)}</p>`,
    `<p>Does not prove: ${escapeHtml(doesNotProve)}</p>`,
    ...(schedule ? [scheduleHtml(drill, schedule)] : []),
  ].join('');
}

const GUARANTEE = {
  quorum: 'quorum, so that no acknowledged row may be lost in any case',
  single: 'single, so that one replica has a row when its insert is acknowledged',
} as const;

/** The verdict with what is behind it, such as `failed: lost rows: 12`. */
function verdictLine({ status, findings }: DrillResult): string {
  if (status === 'passed') return 'passed';
  const behind = findings.filter((finding) => finding.status === status).map(findingTitle);
  return `${status}: ${behind.length > 0 ? behind.join('; ') : 'nothing was looked at'}`;
}

const ROWS = ['attempted', 'acknowledged', 'recovered', 'lost', 'unexpected'] as const;

function accountTable(account: Account, baseline: Account): string {
  return table([
    ['rows', 'with the fault', 'without it'],
    ...ROWS.map((name) => [name, String(account[name]), String(baseline[name])]),
  ]);
}

function scheduleHtml(drill: string, { seed, ...schedule }: Schedule): string {
  const rows = Object.entries(schedule).map(([name, value]) => [name, [value].flat().join(', ')]);
  return `<p>Repeat it: <code>verify:drill ${escapeHtml(drill)} --seed ${seed}</code></p>${table([['schedule', ''], ...rows])}`;
}

/** Rows as a table whose first row is its heading. */
function table([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(heading, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}
