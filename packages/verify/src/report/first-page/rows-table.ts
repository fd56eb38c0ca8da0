import { rowsByNode, type CountedRows } from '../../rows-by-node.ts';
import type { VerifiedRun } from '../../verified-run.ts';
import { escapeHtml } from '../escape-html.ts';

/** More tables than people read are in the JSON. */
const SHOWN_TABLES = 20;

const number = new Intl.NumberFormat('en');

/**
 * The rows of each table on each node, by shard; replicas that have not equally many stand out. Tables
 * with such replicas come first, then the largest.
 */
export function rowsTable({ nodes, verdicts }: Pick<VerifiedRun, 'nodes' | 'verdicts'>): string {
  const tables = [...Map.groupBy(rowsByNode(verdicts), ({ table }) => table)].map(
    ([name, counted]) => ({ name, counted, uneven: unevenShards(counted) }),
  );
  if (tables.length === 0) return '';
  const sorted = tables.toSorted(
    (left, right) =>
      Number(right.uneven.size > 0) - Number(left.uneven.size > 0) ||
      most(right.counted) - most(left.counted),
  );
  const shards = Map.groupBy(nodes, ({ shard }) => shard);
  const places = [...shards.values()].flat();
  const heading = [...shards].map(
    ([shard, replicas]) => `<th colspan="${replicas.length}">shard ${escapeHtml(shard)}</th>`,
  );
  const rows = sorted.slice(0, SHOWN_TABLES).map(({ name, counted, uneven }) => {
    const cells = places.map((node) => {
      const rowsOf = counted.find((one) => one.node === node.name)?.rows;
      const state = uneven.has(node.shard) ? ' class="failed"' : '';
      return rowsOf === undefined
        ? '<td class="skipped">not counted</td>'
        : `<td${state}>${number.format(rowsOf)}</td>`;
    });
    return `<tr><th>${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  const rest = tables.length - SHOWN_TABLES;
  return `<h2>Rows by shard and replica</h2>
<div class="wide"><table class="rows"><tr><th></th>${heading.join('')}</tr>
<tr><th></th>${places.map(({ name }) => `<th>${escapeHtml(name)}</th>`).join('')}</tr>
${rows.join('\n')}
</table></div>${rest > 0 ? `\n<p class="quiet">and ${rest} more tables</p>` : ''}`;
}

const most = (counted: readonly CountedRows[]): number =>
  Math.max(...counted.map(({ rows }) => rows));

function unevenShards(counted: readonly CountedRows[]): ReadonlySet<string> {
  const shards = Map.groupBy(counted, ({ shard }) => shard);
  const uneven = [...shards].filter(([, of]) => new Set(of.map(({ rows }) => rows)).size > 1);
  return new Set(uneven.map(([shard]) => shard));
}
