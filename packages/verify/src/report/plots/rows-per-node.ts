import type { TopLevelSpec } from 'vega-lite';
import { PALETTE } from './render-plot.ts';

/** How many rows a node holds and how many its shard's weight lets one expect. */
export interface NodeRows {
  readonly node: string;
  readonly shard: string;
  readonly replica: string;
  readonly rows: number;
  readonly expected: number;
}

const ROOM_FOR_LABELS = 1.25;

/**
 * Bars of the rows of each shard's replicas, with the expected number as a line across and the
 * difference from it in percent.
 */
export function rowsPerNode(nodes: readonly NodeRows[]): TopLevelSpec {
  const longest = Math.max(0, ...nodes.map(({ rows, expected }) => Math.max(rows, expected)));
  const end = longest * ROOM_FOR_LABELS || 1;
  return {
    title: {
      text: 'Rows per shard and replica',
      subtitle: `${copies(nodes)} · black line: as the shards' weights let one expect`,
    },
    data: {
      values: nodes.map((node) => ({
        ...node,
        place: `shard ${node.shard}`,
        end: Math.max(node.rows, node.expected),
        label: label(node),
      })),
    },
    width: 640,
    height: { step: 34 },
    encoding: {
      y: { field: 'node', type: 'nominal', title: null },
      x: {
        field: 'rows',
        type: 'quantitative',
        title: 'rows',
        scale: { domain: [0, end] },
        axis: { tickMinStep: 1 },
      },
    },
    layer: [
      {
        mark: { type: 'bar', height: 22 },
        encoding: {
          color: { field: 'place', type: 'nominal', title: null, scale: { range: [...PALETTE] } },
        },
      },
      {
        mark: { type: 'tick', thickness: 2, size: 30, color: 'black' },
        encoding: { x: { field: 'expected', type: 'quantitative' } },
      },
      {
        // Beside whichever is longer, so that neither the bar nor the line runs through it.
        mark: { type: 'text', align: 'left', dx: 6, color: '#222' },
        encoding: {
          x: { field: 'end', type: 'quantitative' },
          text: { field: 'label', type: 'nominal' },
        },
      },
    ],
  };
}

function label({ rows, expected }: NodeRows): string {
  const said = rows.toLocaleString('en');
  if (expected === 0) return said;
  const percent = (100 * (rows - expected)) / expected;
  return `${said} (${percent.toLocaleString('en', { signDisplay: 'exceptZero', maximumFractionDigits: 1 })} %)`;
}

/** What the replicas of one number hold together: a full copy each, if all is well. */
function copies(nodes: readonly NodeRows[]): string {
  const totals = new Map<string, number>();
  for (const { replica, rows } of nodes) totals.set(replica, (totals.get(replica) ?? 0) + rows);
  const counts = new Set(totals.values());
  const [rows = 0] = counts;
  if (counts.size <= 1) return `${rows.toLocaleString('en')} rows in each full copy`;
  const each = [...totals].map(([replica, sum]) => `${replica}: ${sum.toLocaleString('en')}`);
  return `the copies differ, rows by replica ${each.join(', ')}`;
}
