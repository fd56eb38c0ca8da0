import { styleText } from 'node:util';
import { NOT_LOOKED_AT } from '../clickhouse/silent-node.ts';
import { STATUSES, type Finding, type Status, type Verdict } from '../verdict.ts';

const SYMBOLS = {
  passed: '✓',
  skipped: '–',
  warned: '!',
  inconclusive: '?',
  failed: '✗',
} as const satisfies Record<Status, string>;

const COLOURS = {
  passed: 'green',
  skipped: 'gray',
  warned: 'yellow',
  inconclusive: 'yellow',
  failed: 'red',
} as const satisfies Record<Status, Parameters<typeof styleText>[0]>;

const OBSERVED_WIDTH = 50;

/** How many findings are reported below a verdict; a fault of the whole cluster repeats on every node. */
const SHOWN_FINDINGS = 4;

/** How many lines are reported of how one thing differs from another. */
const TOLD_LINES = 30;

/** Colours a text by a status, or leaves it as it is. */
export type Paint = (status: Status, text: string) => string;

/** Colours for a terminal that has them, by its kind and `NO_COLOR`; plain text for anything else. */
export const paintFor =
  (stream: NodeJS.WritableStream): Paint =>
  (status, text) =>
    styleText(COLOURS[status], text, { stream });

const plain: Paint = (_, text) => text;

/** A duration in milliseconds as people say it: `38 ms`, `1.4 s`. */
export const formatMilliseconds = (duration: number): string =>
  duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(1)} s`;

/**
 * Verdicts for people, one line each: status, title, what was observed, duration. Below a verdict
 * that is neither passed nor skipped stands everything about its findings; the last line counts.
 */
export function renderVerdicts(verdicts: readonly Verdict[], paint: Paint = plain): string {
  const width = Math.max(0, ...verdicts.map(({ title }) => title.length));
  const blocks = verdicts.map((verdict) => {
    const { status, title, findings, durationMs } = verdict;
    const line = `${paint(status, SYMBOLS[status])} ${title.padEnd(width)}  ${inShort(verdict).padEnd(OBSERVED_WIDTH)} ${formatMilliseconds(durationMs)}${withoutNodes(verdict)}`;
    if (status === 'skipped') return line;
    const unjudged = notJudged(findings, paint);
    if (status === 'passed') return [line, ...unjudged].join('\n');
    const alike = Map.groupBy(
      findings.filter((finding) => isShown(finding.status)),
      ({ status, subject, expected, observed, difference }) =>
        JSON.stringify([status, subject, expected, observed, difference]),
    );
    const shown = [...alike.values()]
      .sort(([left], [right]) => severity(right) - severity(left))
      .map((same) => renderFindings(same, paint));
    const rest = shown.length - SHOWN_FINDINGS;
    return [
      line,
      ...shown.slice(0, SHOWN_FINDINGS),
      ...(rest > 0 ? [`    and ${rest} more; --json gives them all`] : []),
      ...unjudged,
    ].join('\n');
  });
  return [...blocks, '', renderCounts(verdicts)].join('\n');
}

/** How many verdicts there are of each status: `18 passed, 1 skipped, 0 failed`. */
export function renderCounts(verdicts: readonly Verdict[]): string {
  const count = (status: Status): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  return STATUSES.map((status) => ({ status, count: count(status) }))
    .filter(({ status, count }) => count > 0 || status === 'passed' || status === 'failed')
    .map(({ status, count }) => `${count} ${status}`)
    .join(', ');
}

/** The nodes that do not answer, and that the verdict is therefore not about. */
function withoutNodes({ findings }: Verdict): string {
  const nodes = findings.flatMap(({ node, observed }) =>
    observed === NOT_LOOKED_AT && node !== undefined ? [node] : [],
  );
  return nodes.length === 0 ? '' : `, without ${[...new Set(nodes)].sort().join(', ')}`;
}

/** What else a verdict is not about, a line for each reason. */
function notJudged(findings: readonly Finding[], paint: Paint): string[] {
  const skipped = findings.filter(
    ({ status, observed }) => status === 'skipped' && observed !== NOT_LOOKED_AT,
  );
  const reasons = Map.groupBy(skipped, ({ reason, observed }) => reason ?? observed);
  return [...reasons].map(([reason, same]) => {
    const about = namesOf(same);
    return `    ${paint('skipped', 'not judged')}${about && `: ${about}`}: ${reason.replaceAll(/\s+/g, ' ')}`;
  });
}

const severity = (finding: Finding | undefined): number =>
  finding === undefined ? -1 : STATUSES.indexOf(finding.status);

const isShown = (status: Status): boolean => status !== 'passed' && status !== 'skipped';

/** What the findings that decided a verdict observed, or why it was skipped, on one line. */
export function decidedBy({ status, findings }: Verdict): string {
  const deciding = findings.filter((finding) => finding.status === status);
  const said = deciding.map(({ observed, reason }) =>
    status === 'skipped' ? (reason ?? observed) : observed,
  );
  return [...new Set(said)].join('; ').replaceAll(/\s+/g, ' ');
}

function inShort(verdict: Verdict): string {
  const line = decidedBy(verdict);
  return line.length > OBSERVED_WIDTH ? `${line.slice(0, OBSERVED_WIDTH - 1)}…` : line;
}

/** Findings that say the same, of each node once. */
function renderFindings([first, ...others]: readonly Finding[], paint: Paint): string {
  if (first === undefined) return '';
  const { status, expected, observed, difference, reason, sql = [] } = first;
  const about = namesOf([first, ...others]);
  return [
    `    ${paint(status, status)}${about && `: ${about}`}`,
    ...field('expected', expected),
    ...field('observed', observed),
    ...field('diff', difference && firstLines(difference)),
    ...field('reason', reason),
    ...sql.flatMap((statement) => field('SQL', statement)),
  ].join('\n');
}

function firstLines(text: string): string {
  const lines = text.split('\n');
  const rest = lines.length - TOLD_LINES;
  return rest > 0
    ? [...lines.slice(0, TOLD_LINES), `… ${rest} more lines; --json gives them all`].join('\n')
    : text;
}

/** The subjects and nodes of findings, each once. */
function namesOf(findings: readonly Finding[]): string {
  const names = [...findings.map(({ subject }) => subject), ...findings.map(({ node }) => node)];
  return [...new Set(names)].filter((name) => name !== undefined).join(', ');
}

const field = (name: string, text: string | undefined): string[] =>
  text === undefined
    ? []
    : [`      ${name.padEnd(8)} ${text.trim().replaceAll('\n', `\n${' '.repeat(15)}`)}`];
