import { decidedBy, renderCounts } from '../commands/verdict-table.ts';
import type { Verdict } from '../verdict.ts';
import { findingText } from './junit.ts';
import type { VerifiedRun } from './outputs.ts';

/** Verdicts as Markdown: what is wrong first, with what shows it, and a table of all. */
export function markdownOf({ deployment, status, verdicts }: VerifiedRun): string {
  const bad = verdicts.filter(({ status: own }) => own !== 'passed' && own !== 'skipped');
  return [
    `# ${deployment}: ${status}`,
    '',
    renderCounts(verdicts),
    '',
    ...bad.flatMap(section),
    '| verdict | check | observed |',
    '|---|---|---|',
    ...verdicts.map(row),
    '',
  ].join('\n');
}

function section({ title, status, findings }: Verdict): string[] {
  const shown = findings.filter((finding) => finding.status === status);
  return [
    `## ${status}: ${title}`,
    '',
    ...shown.flatMap((finding) => ['```', findingText(finding), '```', '']),
  ];
}

const row = (verdict: Verdict): string =>
  `| ${verdict.status} | ${cell(verdict.title)} (\`${verdict.check}\`) | ${cell(decidedBy(verdict))} |`;

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
