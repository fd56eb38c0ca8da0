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

/** Bars of the rows of each shard's replicas, with the expected number as a line across. */
export function rowsPerNode(nodes: readonly NodeRows[]): TopLevelSpec {
  const total = nodes
    .filter(({ replica }) => replica === nodes[0]?.replica)
    .reduce((sum, { rows }) => sum + rows, 0);
  const expectation = 'black line: an even spread over the shards';
  return {
    title: {
      text: 'Rows per shard and replica',
      subtitle: `${total.toLocaleString('en')} rows in each full copy · ${expectation}`,
    },
    data: { values: nodes.map((node) => ({ ...node, place: `shard ${node.shard}` })) },
    width: 640,
    height: { step: 34 },
    encoding: {
      y: { field: 'node', type: 'nominal', title: null },
      x: { field: 'rows', type: 'quantitative', title: 'rows', scale: { zero: true } },
    },
    layer: [
      {
        mark: { type: 'bar', height: 22, cornerRadiusEnd: 2 },
        encoding: {
          color: { field: 'place', type: 'nominal', title: null, scale: { range: PALETTE } },
        },
      },
      {
        mark: { type: 'text', align: 'right', dx: -6, color: 'white', fontWeight: 'bold' },
        encoding: { text: { field: 'rows', type: 'quantitative', format: ',' } },
      },
      {
        mark: { type: 'tick', thickness: 2, size: 30, color: 'black' },
        encoding: { x: { field: 'expected', type: 'quantitative' } },
      },
    ],
  };
}
