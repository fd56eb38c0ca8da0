import type { TopLevelSpec } from 'vega-lite';
import { PALETTE } from './render-plot.ts';

/** A node's place in the cluster. */
export interface NodePlace {
  readonly node: string;
  readonly shard: string;
  readonly replica: string;
}

/** The cluster as a grid: a column for each shard, a row for each replica. */
export function topologyPlot(cluster: string, nodes: readonly NodePlace[]): TopLevelSpec {
  const count = (field: keyof NodePlace): string => {
    const { size } = new Set(nodes.map((node) => node[field]));
    return `${size} ${field}${size === 1 ? '' : 's'}`;
  };
  return {
    title: {
      text: `Topology of ${cluster}`,
      subtitle: `${count('shard')} × ${count('replica')}, ${count('node')} in all`,
    },
    data: {
      values: nodes.map(({ node, shard, replica }) => ({
        ...{ node, shard: `shard ${shard}`, replica: `replica ${replica}` },
      })),
    },
    width: { step: 190 },
    height: { step: 72 },
    encoding: {
      x: { field: 'shard', type: 'nominal', title: null, axis: axisOnTop, scale: gap },
      y: { field: 'replica', type: 'nominal', title: null, axis: quiet, scale: gap },
    },
    layer: [
      {
        mark: { type: 'rect', fillOpacity: 0.2, strokeWidth: 2 },
        encoding: { fill: shardColour, stroke: shardColour },
      },
      {
        mark: { type: 'text', color: '#222', fontSize: 14, fontWeight: 'bold' },
        encoding: { text: { field: 'node', type: 'nominal' } },
      },
    ],
  };
}

const gap = { paddingInner: 0.08, paddingOuter: 0 } as const;
const shardColour = {
  field: 'shard',
  type: 'nominal',
  legend: null,
  scale: { range: [...PALETTE] },
} as const;
const quiet = { domain: false, ticks: false, labelAngle: 0, labelPadding: 6 } as const;
const axisOnTop = { ...quiet, orient: 'top' } as const;
