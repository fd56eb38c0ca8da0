import { worst, type Verdict } from '../../verdict.ts';
import type { VerifiedNode } from '../../verified-run.ts';
import { escapeHtml } from '../escape-html.ts';

/**
 * The cluster as a picture: a column for each shard with its replicas below each other, and on each
 * node the worst that was found there. Of a node that no finding is about nothing is claimed.
 */
export function topology(nodes: readonly VerifiedNode[], verdicts: readonly Verdict[]): string {
  if (nodes.length === 0) return '';
  const shards = [...Map.groupBy(nodes, ({ shard }) => shard)].map(
    ([shard, replicas]) =>
      `<div class="shard"><p>shard ${escapeHtml(shard)}</p>${replicas.map((node) => box(node, verdicts)).join('')}</div>`,
  );
  return `<h2>Nodes</h2>\n<div class="topology">${shards.join('')}</div>`;
}

function box({ name, replica }: VerifiedNode, verdicts: readonly Verdict[]): string {
  const own = verdicts.flatMap(({ title, findings }) =>
    findings.filter(({ node }) => node === name).map(({ status }) => ({ title, status })),
  );
  const state = own.length === 0 ? undefined : worst(own.map(({ status }) => status));
  const titles = new Set(own.filter(({ status }) => status === state).map(({ title }) => title));
  const wrong = state !== 'passed' && state !== 'skipped' && state !== undefined;
  const text = wrong ? `${state}: ${[...titles].join('; ')}` : (state ?? 'not judged by itself');
  return `<div class="node ${state ?? 'skipped'}"><b>${escapeHtml(name)}</b> <small>replica ${escapeHtml(replica)}</small><br>${escapeHtml(text)}</div>`;
}
