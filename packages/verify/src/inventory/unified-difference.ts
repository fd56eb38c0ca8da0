import { structuredPatch } from 'diff';
import { withoutCredentials } from '../clickhouse/without-credentials.ts';
import type { Difference, Version } from './compare-things.ts';

const CONTEXT_LINES = 2;

/** How many lines are shown of what differs on a node. */
const SHOWN_LINES = 200;

/**
 * How a node's things differ from what most nodes have, as a unified diff, credentials left out.
 * Format: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
 */
export function unifiedDifference(differences: readonly Difference[], node: string): string {
  const lines = differences.flatMap(({ kind, name, usual, odd }) => {
    const own = odd.find(({ nodes }) => nodes.includes(node));
    return own === undefined ? [] : patch(`${kind} ${name}`, usual, own);
  });
  const rest = lines.length - SHOWN_LINES;
  return [...lines.slice(0, SHOWN_LINES), ...(rest > 0 ? [`… ${rest} more lines`] : [])].join('\n');
}

function patch(what: string, usual: Version, own: Version): string[] {
  const { hunks } = structuredPatch('', '', text(usual), text(own), '', '', {
    context: CONTEXT_LINES,
  });
  const differ =
    hunks.length > 0
      ? hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
          `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
          ...lines,
        ])
      : ['(they differ in what is not shown: credentials, or spaces at the end)'];
  return [`--- ${what}${place(usual)}`, `+++ ${what}${place(own)}`, ...differ];
}

/** Of no lines the one before is named. */
const range = (start: number, lines: number): string =>
  `${lines === 0 ? start - 1 : start},${lines}`;

const place = ({ nodes, definition }: Version): string =>
  `${definition === undefined ? ', absent' : ''} on ${nodes.join(', ')}`;

const text = ({ definition }: Version): string =>
  definition === undefined ? '' : `${withoutCredentials(definition).trimEnd()}\n`;
