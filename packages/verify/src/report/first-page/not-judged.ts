import type { Verdict } from '../../verdict.ts';
import { escapeHtml } from '../escape-html.ts';

/** What could not be judged, wholly or of some tables or nodes, by the reason. */
export function notJudged(verdicts: readonly Verdict[]): string {
  const skipped = verdicts.flatMap(({ title, status, findings }) =>
    findings
      .filter((finding) => finding.status === 'skipped')
      .map(({ reason, observed, node, subject }) => {
        const about = [subject, node].filter((part) => part !== undefined).join(', ');
        const what = status === 'skipped' || about === '' ? title : `${title}: ${about}`;
        return { why: reason ?? observed, what };
      }),
  );
  if (skipped.length === 0) return '';
  const items = [...Map.groupBy(skipped, ({ why }) => why)].map(([why, same]) => {
    const what = [...new Set(same.map((one) => one.what))];
    const list = what.map((one) => `<li>${escapeHtml(one)}</li>`).join('');
    return `<details><summary>${escapeHtml(why)} <small>(${what.length})</small></summary><ul>${list}</ul></details>`;
  });
  return `<h2>What was not judged</h2>\n${items.join('\n')}`;
}
